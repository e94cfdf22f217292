set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.far_timestamp') is null then
        raise 'the function events_internal.far_timestamp is missing';
    end if;
end;
$$;
