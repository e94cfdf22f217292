set search_path = pg_catalog, pg_temp;
drop procedure events_internal.execute_patiently;
