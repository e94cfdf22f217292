begin;

\ir ../../functions/cursor_check.sql
alter function events_internal.cursor_check(text) owner to session_events_definer;
revoke all on function events_internal.cursor_check(text) from public;

commit;
