-- No SET clause, so that PostgreSQL can inline it. Not bound when made, so that the parent can alter its columns.
create or replace function events_internal.counted_events(
    p_asked events_internal.asked, p_as_of pg_snapshot, p_most bigint
)
returns table (total bigint, oldest timestamptz, read bigint)
language sql
stable
parallel restricted
security invoker
as $$
    select
        case
            when p_asked.code is not null then null
            when p_asked.walks then (p_asked.walk).total
            when greatest(by_time.total, by_type.total, unseen.read) >= p_most then p_most
            else by_time.total + by_type.total + unseen.total - too_new.total
        end,
        unseen.oldest,
        unseen.read
    -- One of them counts; the others are asked for no session and read nothing.
    from (
        select
            case when p_asked.code is null and not p_asked.walks then p_asked.session_id end as session_id,
            case
                when p_asked.code is null and not p_asked.walks and not p_asked.has_cursor then p_asked.session_id
            end as without_cursor
        offset 0
    ) as of
    cross join lateral events_internal.count_by_time(
        case when p_asked.event_type is null then of.without_cursor end, p_asked.from_at, p_most
    ) as by_time
    cross join lateral events_internal.count_by_type(
        of.without_cursor, p_asked.event_type, p_asked.from_at, p_most
    ) as by_type
    cross join lateral (
        select
            count(*) as read,
            count(*) filter (where matching.is_asked) as total,
            min(matching."timestamp") filter (where matching.is_asked) as oldest
        from (
            select u."timestamp", p_asked.event_type is null or u.event_type = p_asked.event_type as is_asked
            from events_internal.unseen_events(of.session_id, p_asked.seen, p_as_of) as u
            -- Before the type is looked at: what is read is what delays others.
            limit p_most
        ) as matching
    ) as unseen
    cross join lateral (
        select count(*) as total
        from events_internal.unseen_events(of.without_cursor, p_as_of, null) as u
        where u."timestamp" >= p_asked.from_at and (p_asked.event_type is null or u.event_type = p_asked.event_type)
    ) as too_new
    offset 0
$$;

comment on function events_internal.counted_events(events_internal.asked, pg_snapshot, bigint) is
'How many events a poll asks for, its total; and for a cursor the oldest time among them, and how many events had to be
read for that, of every type.

p_as_of  on a standby what an answer may tell (read_moment()), else null: what is younger is taken off
p_most   reads no further, and is the total then; null reads all

Rules: null for a poll that is refused; a walk brings its total along.
It is read with the search_path of answers(): do not call it by hand in a database that you do not trust.
Errors: none of its own.
Example: answers() reads it.';
