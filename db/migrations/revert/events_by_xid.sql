drop index concurrently if exists public.events_by_xid;
