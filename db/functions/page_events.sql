-- No SET clause: it is called once a page, with what answers() has set.
create or replace function events_internal.page_events(p_walk events_internal.walk)
returns setof events_internal.page_event
language plpgsql
stable
parallel restricted
rows 100
security invoker
as $$
declare
    v_own xid8 := pg_current_xact_id_if_assigned();
begin
    if p_walk.by_xid then
        return query
            select unseen.*
            from (
                select u.*
                from events_internal.unseen_events(p_walk.session_id, p_walk.seen, p_walk.as_of) as u
                where p_walk.event_type is null or u.event_type = p_walk.event_type
                -- Chosen for what is unseen, not for the order: the index that has that reads the whole session.
                offset 0
            ) as unseen
            where (unseen."timestamp", unseen.id) <= (p_walk.start_at, p_walk.start_id)
            order by unseen."timestamp" desc, unseen.id desc
            limit p_walk.per_page + 1 offset p_walk.skip;
    elsif p_walk.event_type is null then
        return query
            select e.id, e.session_id, e.step_id, e.event_type::text, e."timestamp", e.message::text, e.event_data
            from public.events as e
            where e.session_id = p_walk.session_id
                and e."timestamp" >= p_walk.from_at
                and (e."timestamp", e.id) <= (p_walk.start_at, p_walk.start_id)
                and (p_walk.seen is null or not pg_visible_in_snapshot(e.insert_xid, p_walk.seen))
                and (p_walk.as_of is null or pg_visible_in_snapshot(e.insert_xid, p_walk.as_of) or e.insert_xid = v_own)
            order by e."timestamp" desc, e.id desc
            limit p_walk.per_page + 1 offset p_walk.skip;
    else
        return query
            select e.id, e.session_id, e.step_id, e.event_type::text, e."timestamp", e.message::text, e.event_data
            from public.events as e
            where e.session_id = p_walk.session_id
                and e.event_type = p_walk.event_type
                and e."timestamp" >= p_walk.from_at
                and (e."timestamp", e.id) <= (p_walk.start_at, p_walk.start_id)
                and (p_walk.seen is null or not pg_visible_in_snapshot(e.insert_xid, p_walk.seen))
                and (p_walk.as_of is null or pg_visible_in_snapshot(e.insert_xid, p_walk.as_of) or e.insert_xid = v_own)
            order by e."timestamp" desc, e.id desc
            limit p_walk.per_page + 1 offset p_walk.skip;
    end if;
end;
$$;

comment on function events_internal.page_events(events_internal.walk) is
'The events of a page, newest first, and one more where there is one: the first of the next page.

Rules: reads a range of events_by_time (every type) or events_by_type from where the page begins, so that it costs what
it holds, however deep it is; only p_walk.skip (a page by number) reads what it skips. What a cursor has not told is
read from events_by_xid and sorted while that is no more than ten pages or 1,000 events, else from a range too.
Errors: none of its own.
Example: answers() calls it through print_page().';
