-- Everything that a change could leave behind in a database or its cluster, one line each.
select format('%s %s: %s', kind, name, details)
from (
    select 'schema', n.nspname::text, coalesce(n.nspacl, acldefault('n', n.nspowner))::text
    from pg_namespace as n
    where n.nspname !~ '^pg_(temp|toast)' and n.nspname <> 'sqitch'
    union all
    select
        'relation', c.oid::regclass::text,
        concat_ws(
            ' ', c.relkind, c.relowner::regrole, coalesce(c.relacl, acldefault('r', c.relowner)), c.reloptions,
            pg_get_indexdef(c.oid), i.indisvalid
        )
    from pg_class as c
    left join pg_index as i on i.indexrelid = c.oid
    where c.relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema', 'pg_toast', 'sqitch')
    union all
    select
        'column', format('%s.%I', a.attrelid::regclass, a.attname),
        concat_ws(
            ' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attacl::text, pg_get_expr(d.adbin, d.adrelid)
        )
    from pg_attribute as a
    join pg_class as c on c.oid = a.attrelid
    left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where c.relnamespace::regnamespace::text in ('public', 'api', 'events_internal')
        and a.attnum > 0 and not a.attisdropped
    union all
    select 'constraint', format('%s.%I', c.conrelid::regclass, c.conname), pg_get_constraintdef(c.oid)
    from pg_constraint as c
    where c.connamespace::regnamespace::text in ('public', 'api', 'events_internal')
    union all
    select
        'trigger', format('%I on %s', t.tgname, t.tgrelid::regclass),
        concat_ws(' ', t.tgenabled, pg_get_triggerdef(t.oid))
    from pg_trigger as t
    where not t.tgisinternal
    union all
    select 'type', t.oid::regtype::text, concat_ws(' ', t.typowner::regrole, t.typacl)
    from pg_type as t
    where t.typnamespace::regnamespace::text in ('public', 'api', 'events_internal')
    union all
    select
        'routine', p.oid::regprocedure::text,
        concat_ws(' ', p.proowner::regrole, p.proacl, md5(pg_get_functiondef(p.oid)))
    from pg_proc as p
    where p.pronamespace::regnamespace::text in ('public', 'api', 'events_internal')
    union all
    select 'comment', format('%s of %s', d.objsubid, identity.identity), d.description
    from pg_description as d
    cross join pg_identify_object(d.classoid, d.objoid, d.objsubid) as identity
    where d.objoid >= 16384 and coalesce(identity.schema, '') <> 'sqitch' and identity.identity not like 'sqitch%'
    union all
    select
        'role', r.rolname::text,
        concat_ws(
            ' ', r.rolcanlogin, r.rolinherit, r.rolsuper, r.rolconfig,
            array(select m.roleid::regrole::text from pg_auth_members as m where m.member = r.oid order by 1)
        )
    from pg_roles as r
    where r.rolname like 'session\_events\_%'
    union all
    select 'database', d.datname::text, coalesce(d.datacl, acldefault('d', d.datdba))::text
    from pg_database as d
    where d.datname = current_database()
) as object (kind, name, details)
order by 1
