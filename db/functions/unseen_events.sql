-- No SET clause, so that PostgreSQL can inline it. Not bound when made, so that the parent can alter its columns.
create or replace function events_internal.unseen_events(
    p_session_id uuid, p_event_type text, p_seen pg_snapshot, p_as_of pg_snapshot
)
returns setof events_internal.page_event
language sql
stable
parallel restricted
security invoker
as $$
    select e.id, e.session_id, e.step_id, e.event_type::text, e."timestamp", e.message::text, e.event_data
    from public.events as e
    where e.session_id = p_session_id
        and e.insert_xid >= pg_snapshot_xmin(p_seen)
        -- Above the snapshot and the caller's own transaction there are only ids restored from another database.
        and e.insert_xid <= greatest(pg_snapshot_xmax(pg_current_snapshot()), pg_current_xact_id_if_assigned())
        and not pg_visible_in_snapshot(e.insert_xid, p_seen)
        and (p_event_type is null or e.event_type = p_event_type)
        and (
            p_as_of is null
            or pg_visible_in_snapshot(e.insert_xid, p_as_of)
            or e.insert_xid = pg_current_xact_id_if_assigned()
        );
$$;

comment on function events_internal.unseen_events(uuid, text, pg_snapshot, pg_snapshot) is
'The events that a cursor has not told: written by transactions that p_seen has not seen. At the cost of just those
entries of the index events_by_xid.

p_as_of  only what this snapshot has seen (in a walk; on a standby), or the caller''s own transaction wrote; null is
         everything

Rules: null for p_session_id or p_seen is nothing, null for p_event_type every type.
It is read with the search_path of answers(): do not call it by hand in a database that you do not trust.
Errors: none of its own.
Example: select * from events_internal.unseen_events(gen_random_uuid(), null, ''5:5:'', null);';
