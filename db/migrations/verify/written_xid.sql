set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.written_xid') is null then
        raise 'the function events_internal.written_xid is missing';
    end if;
end;
$$;
