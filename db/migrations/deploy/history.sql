begin;

\ir ../../functions/history.sql
alter function events_internal.history() owner to session_events_definer;
revoke all on function events_internal.history() from public;

commit;
