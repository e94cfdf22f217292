-- No SET clause: it is called once a page, with what answers() has set.
create or replace function events_internal.print_page(
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
    -- What a page may take from those that share its call.
    c_most_shared constant bigint := 65536;
    v_most bigint := case when p_alone then p_max_bytes else least(p_max_bytes, c_most_shared) end;
    v_event events_internal.page_event;
    v_json bytea;
    v_printed bytea[] := '{}';
    v_end bigint := 0;
    v_ends bigint[] := '{}';
begin
    returned := 0;
    -- One after the other, for a few stored bytes may print a hundred million: what does not fit is not kept.
    for v_event in select e.* from events_internal.page_events(p_walk) as e loop
        if returned = p_walk.per_page then
            next_at := v_event."timestamp";
            next_id := v_event.id;
            exit;
        end if;
        returned := returned + 1;
        v_json := convert_to(events_internal.event_json(v_event), 'UTF8');
        v_end := v_end + length(v_json) + 1;
        v_ends := array_append(v_ends, v_end);
        if v_end < v_most then
            v_printed := array_append(v_printed, v_json);
        elsif not p_alone then
            return;
        end if;
    end loop;
    if v_end >= v_most and returned > 0 then
        too_large := v_end + 1;
        largest_limit := events_internal.largest_limit(v_ends, p_max_bytes);
        return;
    end if;
    items := (
        select string_agg(
            -- The brackets at the first and the last, for a copy of the whole page costs more.
            case printed.place when 1 then '['::bytea else '' end || printed.json
                || case printed.place when returned then ']'::bytea else '' end,
            ','
        )
        from unnest(v_printed) with ordinality as printed (json, place)
    );
    items := coalesce(items, '[]');
end;
$$;

comment on function events_internal.print_page(events_internal.walk, bigint, boolean) is
'A page as JSON if it fits, else how large it is and which limit fits. No items and no size: it is too much for a shared
call.

p_max_bytes    what one page may have
p_alone        whether the call is for this page alone, or shared with others, whom more than 64 kB would delay
items          a JSON array, or null
returned       how many events the page has
next_at, next_id  the first event after the page; null where there is none
too_large      the bytes of a page that does not fit, or null
largest_limit  with it every page cut from these events fits; null where one event alone is too large

Rules: prints each event once; memory is bounded by p_max_bytes and the largest event.
Errors: 54000 where one event is more than PostgreSQL can print.
Example: answers() calls it.';
