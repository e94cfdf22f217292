-- Nothing that sqitch or our scripts run belongs to somebody who could make it run what they like with other's rights;
-- and where nothing of ours is there yet, it can be deployed.
-- Run it before sqitch, which trusts its registry: psql -f db/migrations/verify/preconditions.sql
set search_path = pg_catalog, pg_temp;

do $$
declare
    v_missing text;
begin
    if has_schema_privilege(to_regnamespace('sqitch'), 'usage') is false then
        raise using
            message = format('%I may not read sqitch''s registry, which somebody else has made here.', current_user),
            hint = 'Use the role that has deployed.';
    end if;
    if to_regnamespace('events_internal') is not null then
        return;
    end if;
    if pg_is_in_recovery() then
        raise using
            message = 'This is a standby, which can only be read: nothing can be deployed to it.',
            hint = 'Deploy to its primary: name that, or all servers with target_session_attrs=read-write.';
    end if;
    if current_setting('transaction_read_only')::boolean then
        raise using
            message = format(
                'Transactions of %I in the database %I are read-only: nothing can be deployed.',
                current_user, current_database()
            ),
            hint = 'Set default_transaction_read_only = off for them.';
    end if;
    select string_agg(f.missing, ', ')
    into v_missing
    from (
        select format('the ownership of %s', c.oid::regclass)
        from pg_class as c
        where c.relnamespace = to_regnamespace('public') and c.relname in ('sessions', 'steps', 'events')
            and c.relkind in ('r', 'p') and not pg_has_role(c.relowner, 'usage')
        union all
        select 'CREATEROLE'
        from pg_roles as r
        where r.rolname = current_user and not (r.rolsuper or r.rolcreaterole)
            and pg_has_role(to_regrole('session_events_definer'), 'usage') is not true
        union all
        select 'CREATE on the database'
        where not has_database_privilege(current_database(), 'create')
        union all
        select 'CREATE on schema public'
        where has_schema_privilege(to_regnamespace('public'), 'create') is false
    ) as f (missing);
    if v_missing is not null then
        raise using
            message = format(
                '%I cannot deploy to the database %I: it lacks %s.', current_user, current_database(), v_missing
            ),
            hint = 'Deploy as a superuser, or with the rights that docs/managed.md lists.';
    end if;
end;
$$;

do $$
declare
    v_faults text;
begin
    select string_agg(format('- %s, %s', o.object, coalesce(r.rolname, 'PUBLIC')), E'\n' order by o.object)
    into v_faults
    from pg_namespace as n
    cross join lateral (
        select format('schema %I is owned by', n.nspname), n.nspowner
        union all
        select format('in schema %I may create', n.nspname), a.grantee
        from aclexplode(n.nspacl) as a
        where a.privilege_type = 'CREATE'
        union all
        select format('%s is owned by', c.oid::regclass), c.relowner
        from pg_class as c
        where c.relnamespace = n.oid
        union all
        -- The definer's own are not called here.
        select format('%s is owned by', p.oid::regprocedure), p.proowner
        from pg_proc as p
        where p.pronamespace = n.oid and not (n.nspname = 'api' and p.proowner = to_regrole('session_events_definer'))
        union all
        select format('trigger %I on %s calls a function of', t.tgname, t.tgrelid::regclass), p.proowner
        from pg_trigger as t
        join pg_class as c on c.oid = t.tgrelid
        join pg_proc as p on p.oid = t.tgfoid
        where c.relnamespace = n.oid
    ) as o (object, role)
    left join pg_roles as r on r.oid = o.role
    where n.nspname in ('sqitch', 'api', 'events_internal') and r.rolname is distinct from current_user
        and coalesce(r.rolsuper, false) is false;
    if v_faults is not null then
        raise using
            message = format(
                E'As %s this would not be safe: it could run what somebody else likes.\n%s', current_user, v_faults
            ),
            hint = 'Deploy as their owner, or look at them and make them your own.';
    end if;
end;
$$;
