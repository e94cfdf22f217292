begin;

\ir ../../functions/encode_cursor.sql
alter function events_internal.encode_cursor(uuid, pg_snapshot, boolean) owner to session_events_definer;
revoke all on function events_internal.encode_cursor(uuid, pg_snapshot, boolean) from public;

commit;
