set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.token_code') is null then
        raise 'the function events_internal.token_code is missing';
    end if;
end;
$$;
