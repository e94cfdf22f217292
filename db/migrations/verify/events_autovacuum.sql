set search_path = pg_catalog, pg_temp;

do $$
declare
    v_missing text;
begin
    select string_agg(wanted.name, ', ')
    into v_missing
    from (
        values
        ('autovacuum_vacuum_insert_scale_factor'),
        ('autovacuum_vacuum_insert_threshold'),
        ('autovacuum_analyze_scale_factor')
    ) as wanted (name)
    where not exists (
        select
        from pg_class as c
        cross join pg_options_to_table(c.reloptions) as o
        where c.oid = to_regclass('public.events') and o.option_name = wanted.name
    );
    if v_missing is not null then
        raise 'public.events has no setting of its own for %', v_missing;
    end if;
end;
$$;
