set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/session_not_found.sql
revoke all on function events_internal.session_not_found from public;

commit;
