begin;
\ir fixtures.psql
select plan(2);

-- Contract
create function pg_temp.options_of(p_table regclass) returns text[]
language sql
return array(
    select format('%s=%s', o.option_name, o.option_value)
    from pg_class as c
    cross join pg_options_to_table(c.reloptions) as o
    where c.oid = p_table
    order by 1
);
select is(
    pg_temp.options_of('public.events'),
    array[
        'autovacuum_analyze_scale_factor=0.010', 'autovacuum_vacuum_insert_scale_factor=0.000',
        'autovacuum_vacuum_insert_threshold=5000.000'
    ],
    'events is vacuumed every 5,000 rows, however large it grows, and analysed every hundredth'
);
select is(
    pg_temp.options_of('public.sessions') || pg_temp.options_of('public.steps'), array[]::text[],
    'the other tables are left to the parent product'
);

select * from finish();
rollback;
