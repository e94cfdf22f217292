select 1 / (
    has_function_privilege(
        'session_events_reader',
        'api.session_events(uuid, timestamptz, text, bigint, bigint, text, bigint)',
        'execute'
    )
    and has_schema_privilege('session_events_reader', 'api', 'usage')
    and not has_schema_privilege('session_events_reader', 'events_internal', 'usage')
    and not has_table_privilege('session_events_reader', 'public.events', 'select')
    and has_table_privilege('session_events_definer', 'public.events', 'select')
    and has_table_privilege('session_events_definer', 'public.sessions', 'select')
    and not has_table_privilege('session_events_definer', 'public.events', 'insert, update, delete')
)::integer;

-- PL/pgSQL binds late: only a call, as the role that PostgREST acts as, tells whether everything it needs is there.
set role session_events_reader;
do $$
begin
    perform api.session_events('00000000-0000-0000-0000-000000000000');
    raise 'session_events() found a session that cannot exist';
exception
    when no_data_found then null;
end;
$$;
reset role;
