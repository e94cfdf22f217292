drop procedure events_internal.execute_patiently(text);
