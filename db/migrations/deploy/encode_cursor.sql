set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/encode_cursor.sql
revoke all on function events_internal.encode_cursor from public;

commit;
