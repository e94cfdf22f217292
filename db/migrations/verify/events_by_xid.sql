select 1 / ((i.indisvalid and pg_get_indexdef(i.indexrelid) like '% USING btree (session_id, insert_xid) INCLUDE (event_type, "timestamp", id)') is true)::integer
from (values (to_regclass('public.events_by_xid'))) as t (oid)
left join pg_index as i on i.indexrelid = t.oid;
