set search_path = pg_catalog, pg_temp;

do $$
begin
    if not exists (
        select
        from pg_proc as p
        where p.oid = to_regproc('events_internal.session_events_page') and p.provolatile = 's'
            and p.proconfig @> array['plan_cache_mode=force_generic_plan']
    ) then
        raise 'the function events_internal.session_events_page is missing, or its volatility or settings are others';
    end if;
end;
$$;
