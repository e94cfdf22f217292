set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/count_events.sql
revoke all on function events_internal.count_events from public;

commit;
