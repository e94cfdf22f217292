set search_path = pg_catalog, pg_temp;

-- What an interrupted build has left: the name was free when the adoption began.
select format('drop index concurrently %s', i.indexrelid::regclass)
from pg_index as i
join pg_class as c on c.oid = i.indexrelid
where i.indrelid = to_regclass('public.events') and not i.indisvalid
    and c.relname in ('events_by_time', 'events_by_type', 'events_by_xid')
\gexec
