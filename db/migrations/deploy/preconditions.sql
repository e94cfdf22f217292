set search_path = pg_catalog, pg_temp;

-- Before anything is built: this is the parent product's database or an empty one, and no name of ours is taken.
do $$
declare
    c_mark constant text := '%(created by session-events-api)';
    c_tables constant text[] := array['sessions', 'steps', 'events'];
    v_faults text;
begin
    with ours as (
        select c.relname, coalesce(obj_description(c.oid, 'pg_class'), '') like c_mark as marked
        from pg_class as c
        where c.relnamespace = to_regnamespace('public') and c.relname = any (c_tables)
    )
    select string_agg(format('- %s', f.fault), E'\n')
    into v_faults
    from (
        select format(
            'schema %I is there: rename it; if an earlier deploy made it, restore sqitch''s registry with it', n.nspname
        )
        from pg_namespace as n
        where n.nspname in ('api', 'events_internal')
        union all
        select format('%s is there: rename it', c.oid::regclass)
        from pg_class as c
        where c.relnamespace = to_regnamespace('public')
            and c.relname in ('events_by_time', 'events_by_type', 'events_by_xid')
            and coalesce(obj_description(c.oid, 'pg_class'), '') not like c_mark
        union all
        select 'public.events is partitioned: no index can be built on it without holding writers up'
        from pg_class as c
        where c.oid = to_regclass('public.events') and c.relkind = 'p'
        union all
        select 'public.events has a trigger stamp_writer: rename it'
        from pg_trigger as t
        where t.tgrelid = to_regclass('public.events') and t.tgname = 'stamp_writer'
        union all
        select 'public.events has a column insert_xid: rename it'
        from pg_attribute as a
        where a.attrelid = to_regclass('public.events') and a.attname = 'insert_xid' and not a.attisdropped
            and coalesce(col_description(a.attrelid, a.attnum), '') not like c_mark
        union all
        select format('role %I is there, and not ours or more than we made it: rename it or set it right', r.rolname)
        from pg_roles as r
        where r.rolname in ('session_events_authenticator', 'session_events_reader', 'session_events_definer')
            and (
                coalesce(shobj_description(r.oid, 'pg_authid'), '') not like c_mark
                or r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolbypassrls or r.rolreplication
                or r.rolcanlogin <> (r.rolname = 'session_events_authenticator')
            )
        union all
        -- Tables that a revert has left are ours; of the parent's there are all or none.
        select format('public.%I is missing beside the others: this is not the parent product''s database', t.name)
        from unnest(c_tables) as t (name)
        where t.name not in (select o.relname from ours as o) and exists (select from ours as o where not o.marked)
        union all
        select format(
            'there are tables, such as %s, but not sessions, steps and events: is this the right database?',
            min(c.oid::regclass::text)
        )
        from pg_class as c
        join pg_namespace as n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p')
            and n.nspname not in ('information_schema', 'sqitch') and n.nspname !~ '^pg_'
            and not exists (select from ours)
            and not exists (
                select
                from pg_depend as d
                where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
            )
        having count(*) > 0
    ) as f (fault);
    if v_faults is not null then
        raise using
            message = format(E'Nothing has been deployed to the database %I:\n%s', current_database(), v_faults),
            hint = 'Set that right and deploy again, or name another database.';
    end if;
end;
$$;

-- Where the parent product's tables are, they must be what we know; verify says so.
select to_regclass('public.events') is not null
    and coalesce(obj_description(to_regclass('public.events'), 'pg_class'), '')
        not like '%(created by session-events-api)' as adopts
\gset
\if :adopts
\ir ../verify/sessions.sql
\ir ../verify/steps.sql
\ir ../verify/events.sql
\endif
