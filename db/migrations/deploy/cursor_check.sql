set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/cursor_check.sql
revoke all on function events_internal.cursor_check from public;

commit;
