set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/page_events.sql
revoke all on function events_internal.page_events from public;

commit;
