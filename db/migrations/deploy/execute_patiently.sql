set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/execute_patiently.sql
revoke all on procedure events_internal.execute_patiently from public;

commit;
