set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/refusal.sql
revoke all on function events_internal.refusal from public;

commit;
