-- No SET clause: it is called once a page, with what answers() has set.
create or replace function events_internal.print_page(
    p_walk events_internal.walk, p_max_bytes bigint, p_alone boolean, p_seal_key text
)
returns events_internal.page
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
    v_page events_internal.page;
    v_returned integer := 0;
    v_event events_internal.page_event;
    v_after events_internal.page_event;
    v_json bytea;
    v_printed bytea[] := '{}';
    v_end bigint := 0;
    v_ends bigint[] := '{}';
begin
    -- One after the other, for a few stored bytes may print a hundred million: what does not fit is not kept.
    for v_event in select e.* from events_internal.page_events(p_walk) as e loop
        if v_returned = p_walk.per_page then
            v_after := v_event;
            exit;
        end if;
        v_returned := v_returned + 1;
        v_json := convert_to(events_internal.event_json(v_event), 'UTF8');
        v_end := v_end + length(v_json) + 1;
        v_ends := array_append(v_ends, v_end);
        if v_end < v_most then
            v_printed := array_append(v_printed, v_json);
        elsif not p_alone then
            exit;
        end if;
    end loop;
    v_page.returned := v_returned;
    if v_end >= v_most and v_returned > 0 then
        if p_alone then
            v_page.too_large := v_end + 1;
            v_page.largest_limit := events_internal.largest_limit(v_ends, p_max_bytes);
        end if;
        return v_page;
    end if;
    v_page.items := (
        select string_agg(
            -- The brackets at the first and the last, for a copy of the whole page costs more.
            case printed.place when 1 then '['::bytea else '' end || printed.json
                || case printed.place when v_returned then ']'::bytea else '' end,
            ','
        )
        from unnest(v_printed) with ordinality as printed (json, place)
    );
    v_page.items := coalesce(v_page.items, '[]');
    if v_after.id is not null then
        v_page.next := events_internal.next_token(p_walk, v_after."timestamp", v_after.id, p_seal_key);
    end if;
    return v_page;
end;
$$;

comment on function events_internal.print_page(events_internal.walk, bigint, boolean, text) is
'A page as JSON if it fits, with the token of the one after it; else how large it is and which limit fits. No items and
no size: it is too much for a shared call.

p_max_bytes  what one page may have
p_alone      whether the call is for this page alone, or shared with others, whom more than 64 kB would delay

Rules: prints each event once; memory is bounded by p_max_bytes and the largest event.
Errors: 54000 where one event is more than PostgreSQL can print.
Example: answers() calls it.';
