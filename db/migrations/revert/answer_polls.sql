set search_path = pg_catalog, pg_temp;
drop function api.answer_polls;
