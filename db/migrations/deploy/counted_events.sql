set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/counted_events.sql
revoke all on function events_internal.counted_events from public;

commit;
