begin;

revoke select on public.sessions, public.events from session_events_definer;
revoke usage on schema api, events_internal, public from session_events_definer;
revoke execute on function api.session_events(uuid, timestamptz, text, bigint, bigint, text, bigint) from session_events_reader;
revoke usage on schema api from session_events_reader;

commit;
