set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/unseen_events.sql
revoke all on function events_internal.unseen_events from public;

commit;
