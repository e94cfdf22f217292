set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.continued_walk') is null then
        raise 'the function events_internal.continued_walk is missing';
    end if;
end;
$$;
