set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.nobody_writes') is null then
        raise 'the function events_internal.nobody_writes is missing';
    end if;
end;
$$;
