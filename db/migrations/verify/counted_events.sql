set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.counted_events') is null then
        raise 'the function events_internal.counted_events is missing';
    end if;
end;
$$;
