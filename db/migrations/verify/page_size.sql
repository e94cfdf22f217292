set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.page_size') is null then
        raise 'the function events_internal.page_size is missing';
    end if;
end;
$$;
