set search_path = pg_catalog, pg_temp;
-- All grants, on one page; before them goes whatever default privileges have granted on what the migrations made.
begin;

do $$
declare
    v_revoke text;
begin
    for v_revoke in
        select format(
            'revoke all on %s from %s',
            made.object, case when a.grantee = 0 then 'public' else a.grantee::regrole::text end
        )
        from (
            select format('schema %I', n.nspname), n.nspowner, coalesce(n.nspacl, acldefault('n', n.nspowner))
            from pg_namespace as n
            where n.nspname in ('api', 'events_internal')
            union all
            select format('type %s', t.oid::regtype), t.typowner, t.typacl
            from pg_type as t
            where t.typnamespace = 'api'::regnamespace and t.typcategory <> 'A'
            union all
            select format('table %s', c.oid::regclass), c.relowner, coalesce(c.relacl, acldefault('r', c.relowner))
            from pg_class as c
            where c.relnamespace = 'events_internal'::regnamespace and c.relkind = 'r'
            union all
            select
                format('routine %s', p.oid::regprocedure), p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
            from pg_proc as p
            where p.pronamespace in ('api'::regnamespace, 'events_internal'::regnamespace)
        ) as made (object, owner, acl)
        cross join aclexplode(made.acl) as a
        where a.grantee <> made.owner
    loop
        execute v_revoke;
    end loop;
end;
$$;

grant usage on schema api to session_events_reader;
grant execute on function api.session_events, api.answer_polls to session_events_reader;

grant usage on schema api, events_internal to session_events_definer;
grant execute on all functions in schema events_internal to session_events_definer;
grant select on public.sessions, public.events, events_internal.epoch to session_events_definer;
do $$
begin
    -- A hardened database has revoked it from everyone.
    if not has_schema_privilege('session_events_definer', 'public', 'usage') then
        grant usage on schema public to session_events_definer;
    end if;
end;
$$;

commit;
