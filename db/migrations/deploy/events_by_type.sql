set search_path = pg_catalog, pg_temp;

-- Not in a transaction: CONCURRENTLY leaves the writers of a live table alone.
-- What an interrupted build left goes first.
select format('drop index concurrently %s', i.indexrelid::regclass)
from pg_index as i
where i.indexrelid = to_regclass('public.events_by_type') and not i.indisvalid
\gexec

do $$
begin
    if exists (
        select
        from pg_class as c
        where c.oid = to_regclass('public.events_by_type')
            and coalesce(obj_description(c.oid, 'pg_class'), '') not like '%(created by session-events-api)'
    ) then
        raise 'public.events_by_type is there and not ours: drop or rename it, and deploy again';
    end if;
end;
$$;

\ir ../../indexes/events_by_type.sql
