set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.can_show') is null then
        raise 'the function events_internal.can_show is missing';
    end if;
end;
$$;
