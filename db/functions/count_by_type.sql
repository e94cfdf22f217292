-- No SET clause, so that PostgreSQL can inline it. Not bound when made, so that the parent can alter its columns.
create or replace function events_internal.count_by_type(
    p_session_id uuid, p_event_type text, p_from timestamptz, p_most bigint
)
returns table (total bigint)
language sql
stable
parallel restricted
security invoker
as $$
    select count(*)
    from (
        select
        from public.events as e
        where e.session_id = p_session_id and e.event_type = p_event_type and e."timestamp" >= p_from
        -- Only the index made for it has this order; PostgreSQL 18 would else skip through another.
        order by e."timestamp" desc, e.id desc
        limit p_most
    ) as counted;
$$;

comment on function events_internal.count_by_type(uuid, text, timestamptz, bigint) is
'How many events of one type a session has from a time on, counted in the index events_by_type alone; at most p_most.

Rules: null for p_session_id or p_event_type is 0, null for p_most is all.
It is read with the search_path of answers(): do not call it by hand in a database that you do not trust.
Errors: none of its own.
Example: select * from events_internal.count_by_type(gen_random_uuid(), ''error'', ''-infinity'', null);';
