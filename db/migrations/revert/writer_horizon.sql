drop function events_internal.writer_horizon();
