-- All grants, on one page. The functions are revoked from PUBLIC where they are made.
begin;

revoke all on schema api, events_internal from public;

grant usage on schema api to session_events_reader;
grant execute on function api.session_events(uuid, timestamptz, text, bigint, bigint, text, bigint) to session_events_reader;

-- public too: a hardened database has revoked it from everyone.
grant usage on schema api, events_internal, public to session_events_definer;
grant select on public.sessions, public.events to session_events_definer;

commit;
