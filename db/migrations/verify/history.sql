select 1 / (h.system_identifier is not null and h.timeline > 0 and h.incarnation > 0 and h.durable_xid is not null)::integer
from events_internal.history() as h;
