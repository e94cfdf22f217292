set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.replayed_lsn') is null then
        raise 'the function events_internal.replayed_lsn is missing';
    end if;
end;
$$;
