-- Serves session_events() with p_cursor: what was written since a snapshot, at the cost of just those entries. Nothing
-- is included: what is new is hardly ever all-visible yet, so its rows are visited in any case.
create index concurrently if not exists events_by_xid
on public.events (session_id, insert_xid);

comment on index public.events_by_xid is
'A session''s events by the transaction that wrote them: api.session_events() with a cursor finds in it what is new.
(created by session-events-api)';
