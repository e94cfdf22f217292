-- No SET clause, so that PostgreSQL can inline it. Not bound when made, so that the parent can alter its columns.
create or replace function events_internal.count_unseen(
    p_session_id uuid, p_event_type text, p_seen pg_snapshot, p_as_of pg_snapshot, p_most bigint
)
returns table (total bigint, oldest timestamptz, read bigint)
language sql
stable
parallel restricted
security invoker
as $$
    select
        count(*) filter (where u.is_asked),
        min(u."timestamp") filter (where u.is_asked),
        count(*)
    from (
        select u."timestamp", p_event_type is null or u.event_type = p_event_type as is_asked
        from events_internal.unseen_events(p_session_id, p_seen, p_as_of) as u
        -- Before the type is looked at: what is read is what delays others.
        limit p_most
    ) as u
$$;

comment on function events_internal.count_unseen(uuid, text, pg_snapshot, pg_snapshot, bigint) is
'How many events a cursor has not told, of every type or of one; the oldest time among them; and how many events of
every type had to be read for that.

p_as_of  on a standby what an answer may tell (read_moment()), else null
p_most   reads no further; null reads all

Rules: without p_seen there is nothing.
It is read with the search_path of answers(): do not call it by hand in a database that you do not trust.
Errors: none of its own.
Example: select * from events_internal.count_unseen(gen_random_uuid(), null, ''5:5:'', null, null);';
