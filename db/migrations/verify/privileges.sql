-- What each role may do.
select 1 / ((
    has_function_privilege(
        'session_events_reader',
        'api.session_events(uuid, timestamptz, text, bigint, bigint, text, bigint)',
        'execute'
    )
    and has_schema_privilege('session_events_reader', 'api', 'usage')
    and has_table_privilege('session_events_definer', 'public.events', 'select')
    and has_table_privilege('session_events_definer', 'public.sessions', 'select')
) is true)::integer;

-- And what it may not.
select 1 / ((
    not has_schema_privilege('session_events_reader', 'api', 'create')
    and not has_schema_privilege('session_events_reader', 'events_internal', 'usage')
    and not has_table_privilege('session_events_definer', 'public.events', 'insert, update, delete, truncate')
    and not exists (
        select
        from unnest(array['public.sessions', 'public.steps', 'public.events']::regclass[]) as t (oid)
        where has_table_privilege('session_events_reader', t.oid, 'select, insert, update, delete, truncate')
    )
    and not exists (
        select
        from pg_proc as p
        cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
        where p.pronamespace in ('api'::regnamespace, 'events_internal'::regnamespace)
            and a.grantee <> p.proowner
            and (a.grantee, p.oid) <> (
                'session_events_reader'::regrole,
                'api.session_events(uuid, timestamptz, text, bigint, bigint, text, bigint)'::regprocedure
            )
    )
) is true)::integer;

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
