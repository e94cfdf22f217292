-- No SET clause: it is called once a page, with what answers() has set.
create or replace function events_internal.print_page(
    p_walk events_internal.walk, p_max_bytes bigint, p_most_printed bigint, p_seal_key text
)
returns events_internal.page
language plpgsql
stable
parallel restricted
security invoker
as $$
declare
    v_page events_internal.page;
    v_event events_internal.page_event;
    v_after events_internal.page_event;
    v_json bytea;
    v_printed bytea[] := '{}';
    v_end bigint := 0;
    v_ends bigint[] := '{}';
begin
    v_page.returned := 0;
    -- One after the other, for a few stored bytes may print a hundred million: what does not fit is not kept.
    for v_event in select e.* from events_internal.page_events(p_walk) as e loop
        if v_page.returned = p_walk.per_page then
            v_after := v_event;
            exit;
        end if;
        v_page.returned := v_page.returned + 1;
        v_json := convert_to(events_internal.event_json(v_event), 'UTF8');
        v_end := v_end + length(v_json) + 1;
        v_ends := array_append(v_ends, v_end);
        if v_end >= p_most_printed then
            return v_page;
        elsif v_end < p_max_bytes then
            v_printed := array_append(v_printed, v_json);
        end if;
    end loop;
    if v_end >= p_max_bytes and v_page.returned > 0 then
        v_page.too_large := v_end + 1;
        v_page.largest_limit := events_internal.largest_limit(v_ends, p_max_bytes);
        return v_page;
    end if;
    v_page.items := (
        select string_agg(
            -- The brackets at the first and the last, for a copy of the whole page costs more.
            case printed.place when 1 then '['::bytea else '' end || printed.json
                || case printed.place when v_page.returned then ']'::bytea else '' end,
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

comment on function events_internal.print_page(events_internal.walk, bigint, bigint, text) is
'A page as JSON if it fits, with the token of the one after it; else how large it is and which limit fits. No items and
no size: it is more than p_most_printed.

p_max_bytes     what one page may have
p_most_printed  prints no further; null prints all, and so finds out how large it is

Rules: prints each event once; memory is bounded by p_max_bytes and the largest event.
Errors: 54000 where one event is more than PostgreSQL can print.
Example: answers() calls it.';
