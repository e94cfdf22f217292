set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/decode_cursor.sql
revoke all on function events_internal.decode_cursor from public;

commit;
