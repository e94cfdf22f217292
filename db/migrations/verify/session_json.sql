set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.session_json') is null then
        raise 'the function events_internal.session_json is missing';
    end if;
end;
$$;
