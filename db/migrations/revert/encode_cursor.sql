drop function events_internal.encode_cursor(uuid, pg_snapshot, boolean);
