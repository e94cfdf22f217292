set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.token_text') is null then
        raise 'the function events_internal.token_text is missing';
    end if;
end;
$$;
