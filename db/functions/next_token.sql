create or replace function events_internal.next_token(
    p_walk events_internal.walk, p_next_at timestamptz, p_next_id uuid, p_seal_key text
)
returns text
language plpgsql
stable
parallel restricted
security invoker
set search_path = pg_catalog, pg_temp
-- Timestamps that are read as they were written, whatever the caller's settings.
set datestyle = 'ISO, MDY'
set timezone = 'UTC'
as $$
begin
    return events_internal.make_token(
        concat_ws(
            ' ',
            '2w',
            p_walk.origin,
            p_walk.told_at,
            coalesce(p_walk.seen::text, '-'),
            coalesce(replace(p_walk.from_at::text, ' ', '_'), '-'),
            coalesce(encode(convert_to(p_walk.event_type, 'UTF8'), 'hex'), '-'),
            p_walk.by_xid,
            p_walk.is_whole,
            p_walk.shown_lsn,
            replace(p_next_at::text, ' ', '_'),
            p_next_id,
            p_walk.per_page,
            p_walk.page + 1,
            p_walk.total
        ),
        p_walk.session_id,
        p_seal_key
    );
end;
$$;

comment on function events_internal.next_token(events_internal.walk, timestamptz, uuid, text) is
'The token of the page after this one, which begins with the event at p_next_at and p_next_id.

Shape: make_token() of "2w history_id incarnation durable_xid snapshot told_lsn told_at seen from_at event_type
by_xid is_whole shown_lsn start_at start_id per_page page total"; - where there is none, event_type in hex, _ for the
space in a timestamp.
Errors: none of its own.
Example: answers() calls it; continued_walk() reads the token.';
