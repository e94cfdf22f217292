select 1 / ((h.history_id ~ '^\d+\.\d+\.\d+\.\d+$' and h.incarnation > 0 and h.durable_xid is not null) is true)::integer
from events_internal.history() as h;
