-- No SET clause: it is called with what answers() has set.
create or replace function events_internal.can_show(
    p_fields text[], p_moment events_internal.moment, p_now pg_snapshot
)
returns boolean
language plpgsql
stable
parallel restricted
security invoker
as $$
declare
    v_snapshot pg_snapshot := p_fields[5];
begin
    -- Whether a standby has replayed it says token_code().
    return p_moment.in_recovery or (
        events_internal.contains_snapshot(p_now, v_snapshot)
        -- After a crash or a promotion ids that never reached the disk are given out again.
        and (
            (p_fields[2] = p_moment.history_id and p_fields[3]::bigint = p_moment.incarnation)
            or pg_snapshot_xmax(v_snapshot) <= p_fields[4]::xid8
        )
    );
end;
$$;

comment on function events_internal.can_show(text[], events_internal.moment, pg_snapshot) is
'Whether this server can show the snapshot of a walk any more.

p_fields  of a next token that open_token() has found to be ours
p_moment  of read_moment(), read before the snapshot of the caller
p_now     pg_current_snapshot() of the caller

Errors: none of its own.
Example: asked_polls() calls it.';
