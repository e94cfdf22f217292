-- No SET clause: it is called once a page, with what answers() has set.
create or replace function events_internal.first_walk(
    p_asked events_internal.asked,
    p_total bigint,
    p_oldest timestamptz,
    p_read bigint,
    p_as_of pg_snapshot,
    p_is_whole boolean,
    p_shown_lsn pg_lsn,
    p_origin text
)
returns events_internal.walk
language plpgsql
immutable
parallel safe
security invoker
as $$
begin
    return row(
        p_asked.session_id,
        p_asked.event_type,
        case when p_asked.has_cursor then p_oldest else p_asked.from_at end,
        p_asked.seen,
        p_as_of,
        p_is_whole,
        p_shown_lsn,
        -- Reading and sorting all that is unseen again for each page would cost its square; a range by time may hold
        -- much else.
        p_asked.has_cursor and p_read <= greatest(10 * p_asked.per_page, 1000),
        'infinity'::timestamptz,
        'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid,
        -- Past this many rows every page is empty, and the product cannot overflow.
        least(p_asked.page - 1, 9000000000000000) * p_asked.per_page,
        p_asked.per_page,
        p_asked.page,
        p_total,
        p_origin,
        p_asked.told_at
    )::events_internal.walk;
end;
$$;

comment on function events_internal.first_walk is
'The page that a poll without next begins with.

p_total            how many events the poll asks for
p_oldest, p_read   of count_unseen()
p_as_of            on a standby what an answer may tell, else null
p_is_whole         whether the cursor of the answer bears the whole snapshot
p_shown_lsn        the position in the WAL once the rows'' snapshot was taken
p_origin           what stands in the cursor of the answer

Errors: none of its own.
Example: answers() calls it.';
