set search_path = pg_catalog, pg_temp;

do $$
declare
    v_missing text := (
        select string_agg(t.name, ', ')
        from (
            values
            ('events_internal.poll'),
            ('events_internal.moment'),
            ('events_internal.walk'),
            ('events_internal.asked'),
            ('events_internal.page_event'),
            ('events_internal.page'),
            ('events_internal.answer')
        ) as t (name)
        where to_regtype(t.name) is null
    );
begin
    if v_missing is not null then
        raise 'these types are missing: %', v_missing;
    end if;
end;
$$;
