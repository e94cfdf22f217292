set search_path = pg_catalog, pg_temp;
begin;

revoke select on public.sessions, public.events, events_internal.epoch from session_events_definer;
revoke execute on all functions in schema events_internal from session_events_definer;
revoke usage on schema api, events_internal from session_events_definer;
revoke execute on function api.session_events, api.answer_polls from session_events_reader;
revoke usage on schema api from session_events_reader;
do $$
begin
    if exists (
        select
        from pg_namespace as n
        cross join aclexplode(n.nspacl) as a
        where n.nspname = 'public' and a.grantee = 'session_events_definer'::regrole
    ) then
        revoke usage on schema public from session_events_definer;
    end if;
end;
$$;

commit;
