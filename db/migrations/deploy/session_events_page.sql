set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/session_events_page.sql
revoke all on function events_internal.session_events_page from public;

commit;
