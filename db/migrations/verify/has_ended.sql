set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.has_ended') is null then
        raise 'the function events_internal.has_ended is missing';
    end if;
end;
$$;
