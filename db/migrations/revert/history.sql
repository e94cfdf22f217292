drop function events_internal.history();
