-- No SET clause: it is called in each poll, with what the functions of the API have set.
create or replace function events_internal.read_moment()
returns events_internal.moment
language plpgsql
volatile
parallel unsafe
security invoker
as $$
declare
    v_writers record;
    v_history record;
    v_moment events_internal.moment;
begin
    if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
        -- The horizon must be older than the snapshot of the rows; there the snapshot is as old as the transaction.
        raise invalid_transaction_state using
            message = format('session_events() cannot run in %s', upper(current_setting('transaction_isolation'))),
            hint = 'Call it in READ COMMITTED; total and items are of one snapshot there too.';
    end if;
    -- Before any snapshot: one that is older than a rewrite of the table (ALTER TABLE, CLUSTER) would find it empty.
    lock table public.sessions, public.events in access share mode;
    v_writers := events_internal.writer_horizon();
    if v_writers.in_recovery then
        select r.replayed, case when r.is_whole then r.replayed end
        into v_moment.replayed, v_moment.as_of
        from events_internal.replayed_snapshot() as r;
        -- After the snapshot: all that this has seen was replayed by then.
        v_moment.replayed_lsn := events_internal.replayed_lsn();
    end if;
    -- A standby changes its timeline while it replays; the later one has all that was replayed before.
    v_history := events_internal.history();
    v_moment := row(
        v_writers.in_recovery, v_writers.read_at, v_writers.horizon, v_history.history_id, v_history.incarnation,
        v_history.durable_xid, v_history.seal_key, v_moment.replayed, v_moment.replayed_lsn, v_moment.as_of
    )::events_internal.moment;
    if v_moment.in_recovery then
        -- A standby replays only what its primary made durable.
        v_moment.durable_xid := pg_snapshot_xmax(v_moment.replayed);
        if not pg_is_in_recovery() then
            -- Promoted meanwhile: what has ended by now may be its own, and not durable.
            return events_internal.read_moment();
        end if;
    else
        v_moment.durable_xid := greatest(v_moment.durable_xid, events_internal.written_xid());
    end if;
    return v_moment;
end;
$$;

comment on function events_internal.read_moment() is
'What has to be known before the rows are read: locks the tables against DDL, then reads clock, writers and history.

Shape: in_recovery, read_at and horizon of writer_horizon(); history_id, incarnation, durable_xid and seal_key of
history(), durable_xid of written_xid() where that is newer; on a standby replayed of replayed_snapshot(), as_of, the
same where it is whole: what an answer there may tell, and replayed_lsn(), read after it.
Rules: call it in a statement of its own, before the one that reads the rows: in READ COMMITTED that takes a later
snapshot.
Errors: 25000 not in READ COMMITTED; 55000 no history (history()).
Example: select * from events_internal.read_moment();';
