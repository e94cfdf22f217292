set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.print_large_page') is null then
        raise 'the function events_internal.print_large_page is missing';
    end if;
end;
$$;
