set search_path = pg_catalog, pg_temp;

do $$
begin
    if (
        select array_agg(format('%s %s', a.attname, format_type(a.atttypid, a.atttypmod)) order by a.attnum)
        from pg_class as c
        join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.oid = to_regclass('api.session_event')
    ) is distinct from array[
        'id uuid', 'session_id uuid', 'step_id uuid', 'event_type text', 'timestamp text', 'message text',
        'event_data jsonb'
    ] then
        raise 'the type api.session_event is missing or has other attributes';
    end if;
end;
$$;
