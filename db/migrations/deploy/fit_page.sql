set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/fit_page.sql
revoke all on function events_internal.fit_page from public;

commit;
