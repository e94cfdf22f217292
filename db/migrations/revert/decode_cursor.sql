drop function events_internal.decode_cursor(text, uuid);
