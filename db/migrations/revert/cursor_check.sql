drop function events_internal.cursor_check(text);
