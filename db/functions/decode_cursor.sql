create or replace function events_internal.decode_cursor(p_cursor text, p_session_id uuid)
returns pg_snapshot
language plpgsql
volatile
parallel restricted
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_history record := events_internal.history();
    v_parts text[];
    v_incarnation bigint;
    v_session_id uuid;
    v_durable bigint;
    v_snapshot pg_snapshot;
begin
    begin
        v_parts := string_to_array(
            -- 'escape' takes any byte, so that noise fails at its meaning and not with an encoding error.
            encode(decode(rpad(translate(p_cursor, '-_', '+/'), (length(p_cursor) + 3) / 4 * 4, '='), 'base64'), 'escape'),
            ' '
        );
        v_incarnation := v_parts[3]::bigint;
        v_session_id := v_parts[4]::uuid;
        v_durable := v_parts[5]::bigint;
        v_snapshot := v_parts[6]::pg_snapshot;
    exception
        when data_exception then v_parts := null;
    end;
    if (
        v_parts[1] = '1'
        and cardinality(v_parts) = 7
        and v_durable > 0
        -- PostgreSQL has no transaction id with 0 in its lower half.
        and v_durable & 4294967295 > 0
        and v_parts[7] = events_internal.cursor_check(array_to_string(v_parts[1:6], ' '))
    ) is not true then
        raise sqlstate 'SE001' using
            message = 'The cursor is malformed.',
            hint = 'Send the cursor of an earlier answer unchanged, or start again without it.';
    end if;

    if v_session_id <> p_session_id then
        raise sqlstate 'SE002' using
            message = 'The cursor belongs to another session.',
            hint = 'Start again without it.';
    end if;

    -- A standby copied from a stopped primary has the primary's incarnation.
    if v_incarnation <> v_history.incarnation or pg_is_in_recovery() then
        -- After a crash ids that never reached the disk are given out again: believe only what was durable.
        v_snapshot := events_internal.clamp_snapshot(v_snapshot, v_durable::text::xid8);
    end if;

    if v_parts[2] <> v_history.history_id
        -- A standby may lag behind the primary that issued the cursor.
        or not pg_is_in_recovery() and pg_snapshot_xmax(v_snapshot) > pg_snapshot_xmax(pg_current_snapshot())
    then
        raise sqlstate 'SE003' using
            message = 'The cursor belongs to another database, or to a history that this one has lost.',
            hint = 'Start again without it.';
    end if;

    return v_snapshot;
end;
$$;

comment on function events_internal.decode_cursor(text, uuid) is
'The snapshot that a cursor of this session stands for: what it saw has been told, the rest has not.

Errors: SE001 malformed; SE002 of another session; SE003 of another database or table, or of a history that this one has
lost (a promotion, a point-in-time recovery, a restored disk).
Rules: after a crash the snapshot is cut to what was durable when the cursor was made, because PostgreSQL gives out again
the transaction ids that never reached the disk: one poll repeats at most what was written since the checkpoint before it.
Example: select events_internal.decode_cursor(:''cursor'', :''session_id'');';
