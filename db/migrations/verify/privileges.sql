set search_path = pg_catalog, pg_temp;

-- What each role may do, what it may not, and whom our functions rely on. Only catalogs are read, nothing of ours is called:
-- what the definer owns could have been altered by whoever gets hold of that role.
do $$
declare
    c_tables constant text[] := array['public.sessions', 'public.steps', 'public.events'];
    c_schemas constant oid[] := array[to_regnamespace('api'), to_regnamespace('events_internal')];
    v_faults text;
begin
    select string_agg(f.fault, E'\n' order by f.fault)
    into v_faults
    from (
        select format('%s lacks %s', needs.role, needs.what)
        from (
            values
            ('session_events_reader', 'usage of schema api', has_schema_privilege('session_events_reader', 'api', 'usage')),
            ('session_events_definer', 'usage of schema api', has_schema_privilege('session_events_definer', 'api', 'usage')),
            (
                'session_events_definer', 'usage of schema events_internal',
                has_schema_privilege('session_events_definer', 'events_internal', 'usage')
            ),
            ('session_events_definer', 'usage of schema public', has_schema_privilege('session_events_definer', 'public', 'usage')),
            (
                'session_events_definer', 'select on public.sessions',
                has_table_privilege('session_events_definer', 'public.sessions', 'select')
            ),
            (
                'session_events_definer', 'select on public.events',
                has_table_privilege('session_events_definer', 'public.events', 'select')
            )
        ) as needs (role, what, held)
        where not needs.held
        union all
        select format('%s lacks execute on %s', needs.role, p.oid::regprocedure)
        from (
            values ('session_events_reader', 'api'), ('session_events_definer', 'events_internal')
        ) as needs (role, schema)
        join pg_proc as p on p.pronamespace = to_regnamespace(needs.schema) and p.prokind = 'f'
        where not has_function_privilege(needs.role, p.oid, 'execute')
        union all
        select format('%s may %s %s: revoke it from the role, or from PUBLIC', may.role, lower(may.privilege), may.name)
        from (
            select r.role, c.name, x.privilege
            from unnest(array['session_events_reader', 'session_events_definer']) as r (role)
            cross join unnest(c_tables) as c (name)
            cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) as x (privilege)
        ) as may
        where has_table_privilege(may.role, may.name, may.privilege)
            and not (may.role = 'session_events_definer' and may.privilege = 'SELECT')
        union all
        select format('%s has %s on schema %I: revoke it', a.grantee::regrole, a.privilege_type, n.nspname)
        from pg_namespace as n
        cross join aclexplode(n.nspacl) as a
        where n.oid = any (c_schemas) and a.grantee <> n.nspowner
            and (a.privilege_type, n.nspname, a.grantee::regrole::text) not in (
                ('USAGE', 'api', 'session_events_reader'),
                ('USAGE', 'api', 'session_events_definer'),
                ('USAGE', 'events_internal', 'session_events_definer')
            )
        union all
        select format('%s may execute %s: revoke it', case when a.grantee = 0 then 'PUBLIC' else a.grantee::regrole::text end, p.oid::regprocedure)
        from pg_proc as p
        cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
        where p.pronamespace = any (c_schemas) and a.grantee <> p.proowner
            and (p.pronamespace::regnamespace::text, p.prokind, a.grantee::regrole::text) not in (
                ('api', 'f', 'session_events_reader'),
                ('events_internal', 'f', 'session_events_definer')
            )
        union all
        select format('%s runs with the rights of %s: nothing but api may do so, and as session_events_definer', p.oid::regprocedure, p.proowner::regrole)
        from pg_proc as p
        where p.pronamespace = any (c_schemas) and p.prosecdef
            and (p.pronamespace::regnamespace::text, p.proowner::regrole::text) <> ('api', 'session_events_definer')
        union all
        select format('%s is bound to %s: drop that, and deploy the function again', p.oid::regprocedure, pg_describe_object(d.refclassid, d.refobjid, 0))
        from pg_proc as p
        join pg_depend as d on d.classid = 'pg_proc'::regclass and d.objid = p.oid
        cross join pg_identify_object(d.refclassid, d.refobjid, 0) as o
        where p.pronamespace = any (c_schemas) and d.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_type'::regclass, 'pg_cast'::regclass)
            and coalesce(o.schema, '') not in ('api', 'events_internal', 'pg_catalog')
    ) as f (fault);
    if v_faults is not null then
        raise '%', v_faults;
    end if;
end;
$$;
