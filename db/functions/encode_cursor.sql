create or replace function events_internal.encode_cursor(p_session_id uuid, p_snapshot pg_snapshot, p_in_recovery boolean)
returns text
language plpgsql
stable
parallel restricted
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    c_most_in_flight constant integer := 64;
    v_history record := events_internal.history();
    v_snapshot pg_snapshot := p_snapshot;
    v_durable xid8 := v_history.durable_xid;
    v_cut xid8;
    v_text text;
begin
    if pg_current_xact_id_if_assigned() is not null then
        -- A snapshot takes its own transaction for ended; what the caller has yet to write would be lost.
        v_snapshot := events_internal.clamp_snapshot(p_snapshot, pg_current_xact_id_if_assigned());
    end if;
    if p_in_recovery then
        -- A standby does not list who is in flight, and replays only what its primary made durable.
        v_snapshot := events_internal.clamp_snapshot(v_snapshot, pg_snapshot_xmin(v_snapshot));
        v_durable := pg_snapshot_xmin(v_snapshot);
    end if;

    select in_flight.xip
    into v_cut
    from pg_snapshot_xip(v_snapshot) as in_flight (xip)
    order by in_flight.xip
    offset c_most_in_flight
    limit 1;
    if found then
        -- Keeps a URL short: what began later than the first 64 in flight is told again instead of being listed.
        v_snapshot := events_internal.clamp_snapshot(v_snapshot, v_cut);
    end if;

    v_text := concat_ws(
        ' ', '1', v_history.history_id, v_history.incarnation, p_session_id, v_durable, v_snapshot
    );
    return translate(
        encode(convert_to(concat_ws(' ', v_text, events_internal.cursor_check(v_text)), 'UTF8'), 'base64'), E'+/=\n', '-_'
    );
end;
$$;

comment on function events_internal.encode_cursor(uuid, pg_snapshot, boolean) is
'The cursor of an answer: the snapshot that its rows were read with, bound to the session and to this history of the database.

Shape: base64url of "1 history_id incarnation session_id durable_xid snapshot check"; about 170 characters, at most 2,100. It
is not signed: whoever forges one changes only what they themselves are told.
Rules: p_snapshot must be pg_current_snapshot() taken in the statement that reads the rows, and p_in_recovery what was true
before that: a poll may outlast a promotion. On a standby, in a transaction that writes itself, and past 64 transactions in
flight, the snapshot is cut (see clamp_snapshot): more repeats, never a loss.
Example: select events_internal.encode_cursor(id, pg_current_snapshot(), false) from public.sessions limit 1;';
