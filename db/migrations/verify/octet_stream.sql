set search_path = pg_catalog, pg_temp;

do $$
declare
    v_missing text := (
        select string_agg(t.name, ', ')
        from (
            values
            ('api."application/octet-stream"')
        ) as t (name)
        where to_regtype(t.name) is null
    );
begin
    if v_missing is not null then
        raise 'these types are missing: %', v_missing;
    end if;
end;
$$;
