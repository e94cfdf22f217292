set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.encode_cursor') is null then
        raise 'the function events_internal.encode_cursor is missing';
    end if;
end;
$$;
