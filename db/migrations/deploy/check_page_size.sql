set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/check_page_size.sql
revoke all on function events_internal.check_page_size from public;

commit;
