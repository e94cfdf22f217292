create or replace function events_internal.continued_walk(p_fields text[], p_session_id uuid)
returns events_internal.walk
language plpgsql
stable
strict
parallel restricted
security invoker
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO, MDY'
set timezone = 'UTC'
as $$
declare
    v_walk events_internal.walk;
begin
    v_walk.origin := array_to_string(p_fields[2:6], ' ');
    v_walk.told_at := p_fields[7];
    v_walk.seen := nullif(p_fields[8], '-')::pg_snapshot;
    v_walk.from_at := replace(nullif(p_fields[9], '-'), '_', ' ')::timestamptz;
    v_walk.event_type := convert_from(decode(nullif(p_fields[10], '-'), 'hex'), 'UTF8');
    v_walk.by_xid := p_fields[11]::boolean;
    v_walk.is_whole := p_fields[12]::boolean;
    -- A cut snapshot hides what its answer counted: with it the pages after the first would never be told.
    v_walk.as_of := case when v_walk.is_whole then p_fields[5] end::pg_snapshot;
    v_walk.shown_lsn := p_fields[13]::pg_lsn;
    v_walk.start_at := replace(p_fields[14], '_', ' ')::timestamptz;
    v_walk.start_id := p_fields[15]::uuid;
    v_walk.per_page := p_fields[16]::integer;
    v_walk.page := p_fields[17]::bigint;
    v_walk.total := p_fields[18]::bigint;
    v_walk.skip := 0;
    v_walk.session_id := p_session_id;
    return v_walk;
end;
$$;

comment on function events_internal.continued_walk(text[], uuid) is
'The walk that a next token goes on with.

p_fields  of a token that open_token() has found to be ours

Errors: none of its own.
Example: asked_polls() calls it with what next_token() wrote.';
