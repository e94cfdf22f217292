set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/event_json.sql
revoke all on function events_internal.event_json from public;

commit;
