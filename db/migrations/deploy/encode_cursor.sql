begin;

\ir ../../functions/encode_cursor.sql
alter function events_internal.encode_cursor(uuid, pg_snapshot) owner to session_events_definer;
revoke all on function events_internal.encode_cursor(uuid, pg_snapshot) from public;

commit;
