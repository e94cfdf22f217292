-- No SET clause: it is called with what answers() has set.
create or replace function events_internal.count_events(
    p_session_id uuid, p_event_type text, p_from timestamptz, p_as_of pg_snapshot, p_most bigint
)
returns bigint
language plpgsql
stable
parallel restricted
security invoker
as $$
declare
    v_total bigint;
    v_read bigint;
    v_too_new bigint;
begin
    -- Only the index that is made for it has this order; PostgreSQL 18 would else skip through another.
    if p_event_type is null then
        select count(*)
        into v_total
        from (
            select
            from public.events as e
            where e.session_id = p_session_id and e."timestamp" >= p_from
            order by e."timestamp" desc, e.id desc
            limit p_most
        ) as counted;
    else
        select count(*)
        into v_total
        from (
            select
            from public.events as e
            where e.session_id = p_session_id and e.event_type = p_event_type and e."timestamp" >= p_from
            order by e."timestamp" desc, e.id desc
            limit p_most
        ) as counted;
    end if;
    if p_as_of is null or v_total = 0 or v_total = p_most then
        return v_total;
    end if;

    select count(*), count(*) filter (where u."timestamp" >= p_from and u.is_asked)
    into v_read, v_too_new
    from (
        select u."timestamp", p_event_type is null or u.event_type = p_event_type as is_asked
        from events_internal.unseen_events(p_session_id, p_as_of, null) as u
        limit p_most
    ) as u;
    return case when v_read = p_most then p_most else v_total - v_too_new end;
end;
$$;

comment on function events_internal.count_events(uuid, text, timestamptz, pg_snapshot, bigint) is
'How many events a session has from a time on, of every type or of one: counted in the index events_by_time or
events_by_type alone.

p_as_of  on a standby what an answer may tell (read_moment()), else null: what is younger is taken off
p_most   reads no further, and is the total then; null reads all

Errors: none of its own.
Example: answers() calls it for a poll without a cursor.';
