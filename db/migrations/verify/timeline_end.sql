set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.timeline_end') is null then
        raise 'the function events_internal.timeline_end is missing';
    end if;
end;
$$;
