set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.check_poll') is null then
        raise 'the function events_internal.check_poll is missing';
    end if;
end;
$$;
