-- Not in a transaction: CONCURRENTLY leaves the writers of a live table alone. What a failed try left invalid goes first.
select format('drop index concurrently public.%I', c.relname)
from pg_index as i
join pg_class as c on c.oid = i.indexrelid
where i.indexrelid = to_regclass('public.events_by_xid') and not i.indisvalid
\gexec

\ir ../../indexes/events_by_xid.sql
