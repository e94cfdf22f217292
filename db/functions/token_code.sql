create or replace function events_internal.token_code(
    p_history_id text, p_lsn pg_lsn, p_snapshot pg_snapshot, p_moment events_internal.moment
)
returns text
language plpgsql
volatile
parallel restricted
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_theirs text := split_part(p_history_id, '.', 2);
    v_own text := split_part(p_moment.history_id, '.', 2);
    -- Without the byte that replayed_lsn() may have added: a record ends at a multiple of eight.
    v_replayed pg_lsn := p_moment.replayed_lsn - (p_moment.replayed_lsn - '0/0') % 8;
begin
    if v_theirs <> v_own then
        if v_theirs::integer > v_own::integer and p_moment.in_recovery then
            return 'SE005';
        elsif (p_lsn <= events_internal.timeline_end(v_theirs::integer, v_own::integer)) is not true then
            return 'SE003';
        end if;
    end if;
    if p_moment.in_recovery and p_lsn > v_replayed
        -- Whether a token with that byte has seen one record more than this server only the snapshots tell.
        and (p_lsn > v_replayed + 1 or not events_internal.contains_snapshot(p_moment.replayed, p_snapshot))
    then
        return 'SE005';
    end if;
    return null;
end;
$$;

comment on function events_internal.token_code(text, pg_lsn, pg_snapshot, events_internal.moment) is
'Why a token cannot be taken here that another server, or this one before, has given out; null where it can.

p_history_id  in the token; but for the timeline it is that of p_moment (open_token())
p_lsn         in the token: by which position in the WAL its snapshot had seen what it has
p_snapshot    in the token: that snapshot
p_moment      of read_moment()

Codes: SE003 the token has seen what is not in this server''s history: of a timeline that is no ancestor of this one''s,
or that had left the common history by then. SE005 this standby has not replayed yet what the token has seen, or follows
a newer timeline than it knows of.
Errors: none of its own.
Example: asked_polls() calls it.';
