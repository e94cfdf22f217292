set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/largest_limit.sql
revoke all on function events_internal.largest_limit from public;

commit;
