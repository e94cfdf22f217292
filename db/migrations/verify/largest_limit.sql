set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.largest_limit') is null then
        raise 'the function events_internal.largest_limit is missing';
    end if;
end;
$$;
