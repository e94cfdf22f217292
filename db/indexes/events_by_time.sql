-- Serves session_events() without p_event_type: the count, and the keys of a page newest first, with or without p_since.
create index concurrently if not exists events_by_time
on public.events (session_id, "timestamp" desc, id desc);

comment on index public.events_by_time is
'A session''s events newest first: count and page keys of api.session_events() without a type, from the index alone.
(created by session-events-api)';
