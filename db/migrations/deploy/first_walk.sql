set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/first_walk.sql
revoke all on function events_internal.first_walk from public;

commit;
