set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regproc('events_internal.count_unseen') is null then
        raise 'the function events_internal.count_unseen is missing';
    end if;
end;
$$;
