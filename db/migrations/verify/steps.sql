-- A table with what the API reads, of the types that it relies on.
set search_path = pg_catalog, pg_temp;

do $$
declare
    v_missing text;
begin
    if not exists (
        select from pg_class as c where c.oid = to_regclass('public.steps') and c.relkind in ('r', 'p')
    ) then
        raise 'public.steps is missing or no table';
    end if;
    select string_agg(format('%s %s', wanted.name, wanted.type), ', ')
    into v_missing
    from (
        values
            ('id', 'uuid'),
            ('session_id', 'uuid')
    ) as wanted (name, type)
    where not exists (
        select
        from pg_attribute as a
        where a.attrelid = 'public.steps'::regclass and a.attname = wanted.name and not a.attisdropped
            and a.atttypid = wanted.type::regtype
    );
    if v_missing is not null then
        raise 'public.steps has not the columns of the parent product; missing: %', v_missing;
    end if;
end;
$$;
