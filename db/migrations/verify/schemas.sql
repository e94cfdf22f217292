set search_path = pg_catalog, pg_temp;

do $$
begin
    if to_regnamespace('api') is null or to_regnamespace('events_internal') is null then
        raise 'the schema api or events_internal is missing';
    end if;
end;
$$;
