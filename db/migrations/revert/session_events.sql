set search_path = pg_catalog, pg_temp;
drop function api.session_events;
