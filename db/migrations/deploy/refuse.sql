set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/refuse.sql
revoke all on function events_internal.refuse from public;

commit;
