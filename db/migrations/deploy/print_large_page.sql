set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/print_large_page.sql
revoke all on function events_internal.print_large_page from public;

commit;
