set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.stamp_writer') is null then
        raise 'the function events_internal.stamp_writer is missing';
    end if;
end;
$$;
