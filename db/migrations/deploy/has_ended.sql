set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/has_ended.sql
revoke all on function events_internal.has_ended from public;

commit;
