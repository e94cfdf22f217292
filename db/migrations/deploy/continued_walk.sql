set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/continued_walk.sql
revoke all on function events_internal.continued_walk from public;

commit;
