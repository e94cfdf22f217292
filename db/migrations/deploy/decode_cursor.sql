begin;

\ir ../../functions/decode_cursor.sql
alter function events_internal.decode_cursor(text, uuid) owner to session_events_definer;
revoke all on function events_internal.decode_cursor(text, uuid) from public;

commit;
