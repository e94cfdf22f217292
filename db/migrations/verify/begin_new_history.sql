set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.begin_new_history') is null then
        raise 'the function events_internal.begin_new_history is missing';
    end if;
end;
$$;
