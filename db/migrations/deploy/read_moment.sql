set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/read_moment.sql
revoke all on function events_internal.read_moment from public;

commit;
