-- Serves session_events() with p_event_type: the count, and the keys of a page newest first, with or without p_since.
create index concurrently if not exists events_by_type
on public.events (session_id, event_type, "timestamp" desc, id desc);

comment on index public.events_by_type is
'A session''s events of one type newest first: count and page keys of api.session_events() with a type,
from the index alone.
(created by session-events-api)';
