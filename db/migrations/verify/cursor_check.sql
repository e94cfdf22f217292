select 1 / ((
    length(events_internal.cursor_check('a')) = 8 and events_internal.cursor_check('a') <> events_internal.cursor_check('b')
) is true)::integer;
