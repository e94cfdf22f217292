set search_path = pg_catalog, pg_temp;
drop type api.session_event;
