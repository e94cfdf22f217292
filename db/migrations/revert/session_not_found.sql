drop function events_internal.session_not_found(uuid);
