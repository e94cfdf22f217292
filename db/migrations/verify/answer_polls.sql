set search_path = pg_catalog, pg_temp;

do $$
begin
    if not exists (
        select
        from pg_proc as p
        where p.oid = to_regproc('api.answer_polls') and p.prosecdef
            and p.proowner = to_regrole('session_events_definer')
            and p.provolatile = 'v'
            and p.proconfig @> array['search_path=pg_catalog, pg_temp']
    ) then
        raise 'the function api.answer_polls is missing, or its owner, volatility, rights or path is another';
    end if;
end;
$$;
