drop function events_internal.session_events_page(uuid, timestamptz, text, pg_snapshot, integer, bigint, bigint, boolean, timestamptz, timestamptz);
