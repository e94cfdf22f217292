drop function api.session_events(uuid, timestamptz, text, bigint, bigint, text, bigint);
