-- Serves session_events() with p_event_type: the count, and the rows of a page newest first, with or without p_since.
-- Ascending and read backwards: new entries come at its end, which keeps its pages full.
create index concurrently if not exists events_by_type
on public.events (session_id, event_type, "timestamp", id);

comment on index public.events_by_type is
'A session''s events of one type by time: api.session_events() with a type counts in it alone, and reads pages from it.
(created by session-events-api)';
