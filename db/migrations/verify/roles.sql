set search_path = pg_catalog, pg_temp;

do $$
declare
    v_faults text;
begin
    select string_agg(f.fault, E'\n')
    into v_faults
    from (
        select format('role %s is missing', wanted.name)
        from unnest(
            array['session_events_authenticator', 'session_events_reader', 'session_events_definer']
        ) as wanted (name)
        where to_regrole(wanted.name) is null
        union all
        select 'session_events_authenticator cannot act as session_events_reader: grant it'
        where not pg_has_role(to_regrole('session_events_authenticator'), to_regrole('session_events_reader'), 'member')
        union all
        select format(
            'role %I is more than we made it: superuser, createrole, createdb, replication or bypassrls', r.rolname
        )
        from pg_roles as r
        where r.rolname in ('session_events_authenticator', 'session_events_reader', 'session_events_definer')
            and (r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolbypassrls or r.rolreplication)
        union all
        select format('role %I may log in: alter role %1$I nologin', r.rolname)
        from pg_roles as r
        where r.rolname in ('session_events_reader', 'session_events_definer') and r.rolcanlogin
    ) as f (fault);
    if v_faults is not null then
        raise '%', v_faults;
    end if;

    if not pg_has_role('session_events_definer', 'pg_read_all_stats', 'usage') then
        if pg_has_role('pg_read_all_stats', 'usage with admin option') then
            raise 'session_events_definer lacks pg_read_all_stats: grant it';
        end if;
        raise warning 'session_events_definer lacks pg_read_all_stats: timestamp stands still while others write';
    end if;
end;
$$;
