-- Serves session_events() with p_cursor: what was written since a snapshot, at the cost of just those entries.
-- The included columns answer type filter, order and page keys without a visit to the table.
create index concurrently if not exists events_by_xid
on public.events (session_id, insert_xid) include (event_type, "timestamp", id);

comment on index public.events_by_xid is
'A session''s events by the transaction that wrote them: count and page keys of api.session_events() with a cursor,
from the index alone.
(created by session-events-api)';
