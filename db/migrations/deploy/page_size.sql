set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/page_size.sql
revoke all on function events_internal.page_size from public;

commit;
