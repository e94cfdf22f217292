set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/count_by_time.sql
revoke all on function events_internal.count_by_time from public;

commit;
