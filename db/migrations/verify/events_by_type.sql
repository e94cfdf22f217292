select 1 / ((i.indisvalid and pg_get_indexdef(i.indexrelid) like '% USING btree (session_id, event_type, "timestamp" DESC, id DESC)') is true)::integer
from (values (to_regclass('public.events_by_type'))) as t (oid)
left join pg_index as i on i.indexrelid = t.oid;
