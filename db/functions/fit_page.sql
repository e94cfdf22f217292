-- No SET clause: it is called once a page, with what answers() has set.
create or replace function events_internal.fit_page(
    p_walk events_internal.walk,
    p_max_bytes bigint,
    p_alone boolean,
    out items bytea,
    out returned integer,
    out next_at timestamptz,
    out next_id uuid,
    out too_large bigint,
    out largest_limit integer
)
language plpgsql
stable
strict
parallel restricted
security invoker
as $$
declare
    -- More than this is printed event by event, or leaves a shared call.
    v_most_stored bigint := case when p_alone then 1048576 else 65536 end;
    v_printed record;
    v_large record;
begin
    v_printed := events_internal.print_page(p_walk, v_most_stored);
    returned := coalesce(cardinality(v_printed.ids), 0);
    if v_printed.stored > v_most_stored and not p_alone then
        return;
    end if;
    if v_printed.stored > v_most_stored or length(v_printed.items) > p_max_bytes then
        v_large := events_internal.print_large_page(v_printed.ids, p_max_bytes);
        items := v_large.items;
        if items is null then
            too_large := v_large.bytes;
            largest_limit := v_large.largest_limit;
            return;
        end if;
    else
        items := v_printed.items;
    end if;
    next_at := v_printed.next_at;
    next_id := v_printed.next_id;
end;
$$;

comment on function events_internal.fit_page(events_internal.walk, bigint, boolean) is
'A page as JSON if it fits, else how large it is and which limit fits. No items and no size: it is too much for a shared
call.

p_max_bytes    what one page may have
p_alone        whether the call is for this page alone, or shared with others, whom more than 64 kB would delay
items          a JSON array, or null
returned       how many events the page has
next_at, next_id  the first event after the page; null where there is none
too_large      the bytes of a page that does not fit, or null
largest_limit  with it every page cut from these events fits; null where one event alone is too large

Rules: prints event_data once. Pages of more than a mebibyte in the table are printed event by event, which costs more
and needs less memory where they do not fit.
Errors: none of its own.
Example: answers() calls it.';
