set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.count_events') is null then
        raise 'the function events_internal.count_events is missing';
    end if;
end;
$$;
