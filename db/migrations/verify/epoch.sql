set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regclass('events_internal.epoch') is null then
        raise 'the table events_internal.epoch is missing';
    end if;
end;
$$;
