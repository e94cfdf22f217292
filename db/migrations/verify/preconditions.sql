-- Nothing that sqitch or our scripts run belongs to somebody who could make it run what they like with other's rights.
-- Run it before sqitch, which trusts its registry: psql -f db/migrations/verify/preconditions.sql
set search_path = pg_catalog, pg_temp;

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
