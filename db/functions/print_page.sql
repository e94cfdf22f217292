-- No SET clause: it is called once a page, with what answers() has set.
create or replace function events_internal.print_page(
    p_walk events_internal.walk,
    p_most_stored bigint,
    out items bytea,
    out ids uuid[],
    out stored bigint,
    out next_at timestamptz,
    out next_id uuid
)
language plpgsql
stable
parallel restricted
security invoker
as $$
begin
    select
        convert_to(
            concat(
                '[',
                string_agg(
                    events_internal.event_json(
                        -- Not a whole row from below: that would unpack event_data also where it is left out.
                        row(
                            r.id, r.session_id, r.step_id, r.event_type, r."timestamp", r.message, r.event_data
                        )::events_internal.page_event
                    ),
                    ','
                )
                    filter (where r.place <= p_walk.per_page and r.stored <= p_most_stored),
                ']'
            ),
            'UTF8'
        ),
        array_agg(r.id) filter (where r.place <= p_walk.per_page),
        max(r.stored) filter (where r.place <= p_walk.per_page),
        max(r."timestamp") filter (where r.place > p_walk.per_page),
        (array_agg(r.id) filter (where r.place > p_walk.per_page))[1]
    into items, ids, stored, next_at, next_id
    from (
        select
            e.*,
            row_number() over () as place,
            sum(pg_column_size(e.event_data) + coalesce(pg_column_size(e.message), 0))
                over (rows unbounded preceding) as stored
        from events_internal.page_events(p_walk) as e
    ) as r;
end;
$$;

comment on function events_internal.print_page(events_internal.walk, bigint) is
'A page as JSON, and where the next one begins.

p_most_stored  leaves out the events past so many bytes as they are stored: what PostgreSQL packs it may print much
               larger
items          a JSON array
ids            the events of the page, also where items leaves some out; null for none
stored         the bytes that they take in the table
next_at, next_id  the first event after the page; null where there is none

Errors: none of its own.
Example: fit_page() calls it.';
