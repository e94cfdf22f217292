-- A table with what the API reads, of the types that it relies on.
set search_path = pg_catalog, pg_temp;

do $$
declare
    v_missing text;
begin
    if not exists (
        select from pg_class as c where c.oid = to_regclass('public.events') and c.relkind in ('r', 'p')
    ) then
        raise 'public.events is missing or no table';
    end if;
    if (select c.relrowsecurity from pg_class as c where c.oid = 'public.events'::regclass) then
        raise 'row level security on public.events would hide rows from the API: it cannot be deployed beside it';
    end if;
    select string_agg(format('%s %s', wanted.name, wanted.type), ', ')
    into v_missing
    from (
        values
            ('id', 'uuid'),
            ('session_id', 'uuid'),
            ('step_id', 'uuid'),
            ('event_type', 'character varying'),
            ('event_data', 'jsonb'),
            ('message', 'text'),
            ('timestamp', 'timestamp with time zone')
    ) as wanted (name, type)
    where not exists (
        select
        from pg_attribute as a
        where a.attrelid = 'public.events'::regclass and a.attname = wanted.name and not a.attisdropped
            and a.atttypid = wanted.type::regtype
    );
    if v_missing is not null then
        raise 'public.events has not the columns of the parent product; missing: %', v_missing;
    end if;
end;
$$;
