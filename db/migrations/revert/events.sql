set search_path = pg_catalog, pg_temp;
-- Never drops a table that holds rows or that the deploy found in place.
begin;

do $$
begin
    if to_regclass('public.events') is null then
        return;
    end if;
    if coalesce(obj_description(to_regclass('public.events'), 'pg_class'), '')
        not like '%(created by session-events-api)'
    then
        raise notice 'public.events belongs to the parent product and stays';
        return;
    end if;
    -- First of all: a writer in flight may be about to commit the first row.
    lock table public.events in access exclusive mode;
    -- Before it is read: what a view calls would run with our rights.
    if not exists (select from pg_class as c where c.oid = 'public.events'::regclass and c.relkind in ('r', 'p')) then
        raise 'public.events is no table any more: somebody has put something else in its place';
    end if;
    -- By its size: the planner of a query may run what the tables' owner has put into an index, with our rights.
    if pg_relation_size('public.events') > 0
        or exists (select from pg_partition_tree('public.events') as part where pg_relation_size(part.relid) > 0)
    then
        raise notice 'public.events holds rows, or did until a vacuum, and stays';
        return;
    end if;
    drop table public.events;
exception
    when dependent_objects_still_exist then
        raise notice 'public.events stays, because what stays refers to it';
end;
$$;

commit;
