create or replace function events_internal.print_large_page(
    p_ids uuid[], p_max_bytes bigint, out items bytea, out bytes bigint, out largest_limit integer
)
language plpgsql
stable
parallel restricted
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_id uuid;
    v_event bytea;
    v_events bytea[] := '{}';
    -- Where event n ends in "[", the events, "," between them, "]".
    v_ends bigint[] := '{}';
    v_end bigint := 0;
    v_count integer := cardinality(p_ids);
    v_last integer := 0;
begin
    -- One statement an event: a loop over rows would fetch fifty at once.
    foreach v_id in array p_ids loop
        select convert_to(
            events_internal.event_json(
                row(
                    e.id, e.session_id, e.step_id, e.event_type::text, e."timestamp", e.message::text, e.event_data
                )::events_internal.page_event
            ),
            'UTF8'
        )
        into v_event
        from public.events as e
        where e.id = v_id;
        v_end := v_end + length(v_event) + 1;
        v_ends := array_append(v_ends, v_end);
        if v_end < p_max_bytes then
            -- The brackets here, for a copy of the whole page costs more.
            v_events := array_append(
                v_events,
                case when cardinality(v_ends) = 1 then '['::bytea else '' end || v_event
                    || case when cardinality(v_ends) = v_count then ']'::bytea else '' end
            );
        end if;
    end loop;
    bytes := greatest(v_end + 1, 2);
    if bytes <= p_max_bytes then
        items := coalesce((select string_agg(e, ','::bytea) from unnest(v_events) as e), '[]');
    end if;

    largest_limit := v_count;
    -- The largest limit with which any pages cut from these events fit, wherever they begin.
    for v_first in 1 .. v_count loop
        while v_last < v_count and v_ends[v_last + 1] - coalesce(v_ends[v_first - 1], 0) + 1 <= p_max_bytes loop
            v_last := v_last + 1;
        end loop;
        largest_limit := least(largest_limit, v_last - v_first + 1);
        exit when v_last = v_count or largest_limit = 0;
    end loop;
    largest_limit := nullif(largest_limit, 0);
end;
$$;

comment on function events_internal.print_large_page(uuid[], bigint) is
'A page as JSON, printed event by event; or how large it is, and the largest limit with which every page cut from it fits.

p_ids          the events of a page in its order
p_max_bytes    what one page may have
items          a JSON array; null where it has more bytes than that
largest_limit  null where one event alone is larger than p_max_bytes

Rules: memory is bounded by p_max_bytes and the largest event.
Errors: none of its own.
Example: select s.bytes, s.largest_limit
    from events_internal.print_large_page(array(select id from public.events limit 100), 1000000) as s;';
