set search_path = pg_catalog, pg_temp;

-- Only ours: somebody else's of that name stays.
select format('drop index concurrently %s', i.indexrelid::regclass)
from pg_index as i
where i.indexrelid = to_regclass('public.events_by_type')
    and obj_description(i.indexrelid, 'pg_class') like '%(created by session-events-api)'
\gexec
