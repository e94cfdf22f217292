set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.make_token') is null then
        raise 'the function events_internal.make_token is missing';
    end if;
end;
$$;
