select 1 / ((
    pg_has_role('session_events_authenticator', 'session_events_reader', 'member')
    and pg_has_role('session_events_definer', 'pg_read_all_stats', 'usage')
    and not exists (
        select from pg_roles as r
        where r.rolname in ('session_events_authenticator', 'session_events_reader', 'session_events_definer')
            and (r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolbypassrls or r.rolreplication)
    )
) is true)::integer;
