set search_path = pg_catalog, pg_temp;
drop table events_internal.epoch;
