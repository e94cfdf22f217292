set search_path = pg_catalog, pg_temp;

-- What each role may do, what it may not, and what our functions rely on. Only catalogs are read, nothing of ours is
-- called: what the definer owns could have been altered by whoever gets hold of that role.
do $$
declare
    c_schemas constant oid[] := array[to_regnamespace('api'), to_regnamespace('events_internal')];
    v_faults text;
begin
    select string_agg(f.fault, E'\n' order by f.fault)
    into v_faults
    from (
        select format('%s lacks usage of schema %s', needs.role, needs.schema)
        from (
            values
            ('session_events_reader', 'api'),
            ('session_events_definer', 'api'),
            ('session_events_definer', 'events_internal'),
            ('session_events_definer', 'public')
        ) as needs (role, schema)
        where not has_schema_privilege(needs.role, needs.schema, 'usage')
        union all
        select format('session_events_definer lacks select on %s', needs.name)
        from unnest(array['public.sessions', 'public.events', 'events_internal.epoch']) as needs (name)
        where not has_table_privilege('session_events_definer', needs.name, 'select')
        union all
        select format('%s lacks execute on %s', needs.role, p.oid::regprocedure)
        from (
            values
            ('session_events_reader', 'api'),
            ('session_events_definer', 'events_internal')
        ) as needs (role, schema)
        join pg_proc as p on p.pronamespace = to_regnamespace(needs.schema) and p.prokind = 'f'
        where not has_function_privilege(needs.role, p.oid, 'execute')
        union all
        select format('%s may %s %s: revoke it from the role, or from PUBLIC', may.role, lower(may.privilege), may.name)
        from (
            select r.role, c.name, x.privilege
            from unnest(array['session_events_reader', 'session_events_definer']) as r (role)
            cross join unnest(array['public.sessions', 'public.steps', 'public.events']) as c (name)
            cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) as x (privilege)
        ) as may
        where case
                when may.privilege in ('DELETE', 'TRUNCATE') then has_table_privilege(may.role, may.name, may.privilege)
                else has_any_column_privilege(may.role, may.name, may.privilege)
            end
            and not (may.role = 'session_events_definer' and may.privilege = 'SELECT')
        union all
        select format(
            '%s has %s on %s: revoke it',
            case when a.grantee = 0 then 'PUBLIC' else a.grantee::regrole::text end, a.privilege_type, held.object
        )
        from (
            select format('schema %I', n.nspname), n.nspname, n.nspowner, n.nspacl
            from pg_namespace as n
            where n.oid = any (c_schemas)
            union all
            select format('table %s', c.oid::regclass), n.nspname, c.relowner, c.relacl
            from pg_class as c
            join pg_namespace as n on n.oid = c.relnamespace
            where n.oid = any (c_schemas) and c.relkind in ('r', 'p', 'f', 'v', 'm')
            union all
            select format('column %s.%I', c.oid::regclass, a.attname), n.nspname, c.relowner, a.attacl
            from pg_attribute as a
            join pg_class as c on c.oid = a.attrelid
            join pg_namespace as n on n.oid = c.relnamespace
            where n.oid = any (c_schemas)
            union all
            select
                format('%s %s', case p.prokind when 'f' then 'function' else 'procedure' end, p.oid::regprocedure),
                n.nspname, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
            from pg_proc as p
            join pg_namespace as n on n.oid = p.pronamespace
            where n.oid = any (c_schemas)
        ) as held (object, schema, owner, acl)
        cross join aclexplode(held.acl) as a
        where a.grantee <> held.owner
            and (split_part(held.object, ' ', 1), held.schema, a.privilege_type, a.grantee::regrole::text) not in (
                ('schema', 'api', 'USAGE', 'session_events_reader'),
                ('schema', 'api', 'USAGE', 'session_events_definer'),
                ('schema', 'events_internal', 'USAGE', 'session_events_definer'),
                ('table', 'events_internal', 'SELECT', 'session_events_definer'),
                ('function', 'api', 'EXECUTE', 'session_events_reader'),
                ('function', 'events_internal', 'EXECUTE', 'session_events_definer')
            )
        union all
        select format(
            '%s runs with the rights of %s: only functions of api may, as session_events_definer',
            p.oid::regprocedure, p.proowner::regrole
        )
        from pg_proc as p
        join pg_namespace as n on n.oid = p.pronamespace
        where n.oid = any (c_schemas) and p.prosecdef
            and (n.nspname, p.proowner::regrole::text) <> ('api', 'session_events_definer')
            -- Reads one file of the server that nobody else needs to.
            and (n.nspname, p.proname, p.proowner) <> ('events_internal', 'timeline_end', n.nspowner)
        union all
        select format('%s runs with the rights of %s and any search_path', p.oid::regprocedure, p.proowner::regrole)
        from pg_proc as p
        where p.pronamespace = any (c_schemas) and p.prosecdef
            and (p.proconfig @> array['search_path=pg_catalog, pg_temp']) is not true
        union all
        select format(
            '%s is bound to %s: drop that, and deploy the function again',
            p.oid::regprocedure, pg_describe_object(d.refclassid, d.refobjid, 0)
        )
        from pg_proc as p
        join pg_depend as d on d.classid = 'pg_proc'::regclass and d.objid = p.oid
        cross join pg_identify_object(d.refclassid, d.refobjid, 0) as o
        where p.pronamespace = any (c_schemas)
            and d.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_type'::regclass, 'pg_cast'::regclass)
            and coalesce(o.schema, '') not in ('api', 'events_internal', 'pg_catalog')
    ) as f (fault);
    if v_faults is not null then
        raise '%', v_faults;
    end if;
end;
$$;
