begin;

\ir ../../functions/session_not_found.sql
alter function events_internal.session_not_found(uuid) owner to session_events_definer;
revoke all on function events_internal.session_not_found(uuid) from public;

commit;
