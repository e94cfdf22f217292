set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.cursor_check') is null then
        raise 'the function events_internal.cursor_check is missing';
    end if;
end;
$$;
