select 1 / ((count(*) = 3) is true)::integer
from pg_class as c
cross join pg_options_to_table(c.reloptions) as o
where c.oid = 'public.events'::regclass
    and o.option_name in (
        'autovacuum_vacuum_insert_scale_factor', 'autovacuum_vacuum_insert_threshold', 'autovacuum_analyze_scale_factor'
    );
