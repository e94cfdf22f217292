begin;

\ir ../../functions/session_events.sql
alter function api.session_events(uuid, timestamptz, text, bigint, bigint, text, bigint) owner to session_events_definer;
revoke all on function api.session_events(uuid, timestamptz, text, bigint, bigint, text, bigint) from public;

commit;
