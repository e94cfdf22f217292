-- No SET clause, so that PostgreSQL can inline it. Not bound when made, so that the parent can alter its columns.
create or replace function events_internal.unseen_events(
    p_session_id uuid, p_seen pg_snapshot, p_as_of pg_snapshot
)
returns setof events_internal.page_event
language sql
stable
parallel restricted
security invoker
as $$
    select e.id, e.session_id, e.step_id, e.event_type, e."timestamp", e.message, e.event_data
    from (
        -- Not seen is who was in flight then, and who came later: so an old transaction costs nothing but itself.
        select in_flight.xid as first, in_flight.xid as last
        from (select pg_snapshot_xip(p_seen) as xid) as in_flight
        union all
        -- Above the snapshot and the caller's own transaction there are only ids restored from another database.
        select
            pg_snapshot_xmax(p_seen),
            greatest(
                pg_snapshot_xmax(coalesce(p_as_of, pg_current_snapshot())), pg_current_xact_id_if_assigned()
            )
        where p_seen is not null
    ) as unseen
    cross join lateral (
        select
            e.id, e.session_id, e.step_id, e.event_type::text, e."timestamp", e.message::text, e.event_data,
            e.insert_xid
        from public.events as e
        where e.session_id = p_session_id and e.insert_xid >= unseen.first and e.insert_xid <= unseen.last
        -- The table for each range, never the ranges for each row.
        offset 0
    ) as e
    where p_as_of is null
        or pg_visible_in_snapshot(e.insert_xid, p_as_of)
        or e.insert_xid = pg_current_xact_id_if_assigned();
$$;

comment on function events_internal.unseen_events(uuid, pg_snapshot, pg_snapshot) is
'The events that a cursor has not told: written by transactions that p_seen has not seen. At the cost of just those
entries of the index events_by_xid.

p_as_of  only what this snapshot has seen (in a walk; on a standby), or the caller''s own transaction wrote; null is
         everything

Rules: null for p_session_id or p_seen is nothing.
It is read with the search_path of answers(): do not call it by hand in a database that you do not trust.
Errors: none of its own.
Example: select * from events_internal.unseen_events(gen_random_uuid(), ''5:5:'', null);';
