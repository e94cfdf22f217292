call events_internal.execute_patiently('alter table public.events drop column if exists insert_xid');
