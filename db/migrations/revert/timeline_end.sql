set search_path = pg_catalog, pg_temp;
drop function events_internal.timeline_end;
