set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.contains_snapshot') is null then
        raise 'the function events_internal.contains_snapshot is missing';
    end if;
end;
$$;
