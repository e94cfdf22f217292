set search_path = pg_catalog, pg_temp;

-- Index-only scans are so only where the visibility map says all-visible, and an insert-only table of millions would
-- wait for a fifth of its size before autovacuum sets it. What the parent product has set already stays.
-- Three decimals, as nobody else writes them: by these the revert knows ours.
do $$
declare
    v_option record;
begin
    for v_option in
        select wanted.name, wanted.value
        from (
            values
            ('autovacuum_vacuum_insert_scale_factor', '0.000'),
            ('autovacuum_vacuum_insert_threshold', '5000.000'),
            ('autovacuum_analyze_scale_factor', '0.010')
        ) as wanted (name, value)
        where not exists (
            select
            from pg_class as c
            cross join pg_options_to_table(c.reloptions) as o
            where c.oid = 'public.events'::regclass and o.option_name = wanted.name
        )
    loop
        call events_internal.execute_patiently(
            format('alter table public.events set (%s = %s)', v_option.name, v_option.value)
        );
    end loop;
end;
$$;
