select 1 / ((
    a.atttypid = 'xid8'::regtype and a.attnotnull and pg_get_expr(d.adbin, d.adrelid) = 'pg_current_xact_id()'
) is true)::integer
from (values ('public.events'::regclass)) as t (oid)
left join pg_attribute as a on a.attrelid = t.oid and a.attname = 'insert_xid' and not a.attisdropped
left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum;
