set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.is_assigned') is null then
        raise 'the function events_internal.is_assigned is missing';
    end if;
end;
$$;
