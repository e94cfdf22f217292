set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/session_json.sql
revoke all on function events_internal.session_json from public;

commit;
