set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/history.sql
revoke all on function events_internal.history from public;

commit;
