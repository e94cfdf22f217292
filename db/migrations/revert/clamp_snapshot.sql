drop function events_internal.clamp_snapshot(pg_snapshot, xid8);
