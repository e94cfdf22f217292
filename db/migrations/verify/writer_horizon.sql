set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.writer_horizon') is null then
        raise 'the function events_internal.writer_horizon is missing';
    end if;
end;
$$;
