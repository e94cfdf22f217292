set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.execute_patiently') is null then
        raise 'the procedure events_internal.execute_patiently is missing';
    end if;
end;
$$;
