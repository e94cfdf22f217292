set search_path = pg_catalog, pg_temp;

-- Values that are not spelled as the deploy spells them are somebody else's and stay.
do $$
declare
    v_name text;
begin
    for v_name in
        select o.option_name
        from pg_class as c
        cross join pg_options_to_table(c.reloptions) as o
        where c.oid = to_regclass('public.events')
            and (o.option_name, o.option_value) in (
                ('autovacuum_vacuum_insert_scale_factor', '0.000'),
                ('autovacuum_vacuum_insert_threshold', '5000.000'),
                ('autovacuum_analyze_scale_factor', '0.010')
            )
    loop
        call events_internal.execute_patiently(format('alter table public.events reset (%s)', v_name));
    end loop;
end;
$$;
