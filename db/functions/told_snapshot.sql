-- No SET clause: it is called in each poll, with what the functions of the API have set.
create or replace function events_internal.told_snapshot(p_snapshot pg_snapshot)
returns pg_snapshot
language plpgsql
stable
parallel restricted
security invoker
as $$
declare
    c_most_in_flight constant integer := 64;
    v_snapshot pg_snapshot := p_snapshot;
    v_own xid8 := pg_current_xact_id_if_assigned();
    v_cut xid8;
begin
    if v_own is not null then
        -- A snapshot takes its own transaction for ended; what the caller has yet to write would be lost.
        v_snapshot := events_internal.clamp_snapshot(v_snapshot, v_own);
    end if;
    if pg_snapshot_xmin(v_snapshot) = pg_snapshot_xmax(v_snapshot) then
        return v_snapshot;
    end if;

    select in_flight.xid
    into v_cut
    from pg_snapshot_xip(v_snapshot) as in_flight (xid)
    order by in_flight.xid
    offset c_most_in_flight
    limit 1;
    if found then
        -- Keeps a URL short: what began later than the first 64 in flight is told again instead of being listed.
        v_snapshot := events_internal.clamp_snapshot(v_snapshot, v_cut);
    end if;
    return v_snapshot;
end;
$$;

comment on function events_internal.told_snapshot(pg_snapshot) is
'What a cursor may say has been told, of a snapshot that rows are read with.

Rules: never more than p_snapshot. In a transaction that writes itself it is cut at its own id, and past 64 transactions
in flight at the 65th (see clamp_snapshot): more is told twice, nothing is lost.
Errors: none of its own.
Example: select events_internal.told_snapshot(pg_current_snapshot());';
