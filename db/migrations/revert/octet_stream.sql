set search_path = pg_catalog, pg_temp;
begin;

drop domain api."application/octet-stream";

commit;
