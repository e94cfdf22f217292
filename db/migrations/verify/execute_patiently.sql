call events_internal.execute_patiently('select 1');
