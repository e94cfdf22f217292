create or replace function events_internal.page_size(
    p_ids uuid[], p_max_bytes bigint, out bytes bigint, out largest_limit integer
)
language plpgsql
stable
parallel restricted
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ends bigint[];
    v_count integer := cardinality(p_ids);
    v_last integer := 0;
begin
    -- v_ends[n] is where event n ends in the array that print_page() writes: "[", the events, "," between them, "]".
    v_ends := array(
        select
            sum(octet_length(convert_to(events_internal.event_json(sized), 'UTF8')) + 1)
                over (order by sized_key.position)
        from unnest(p_ids) with ordinality as sized_key (id, position)
        cross join lateral (
            select e.id, e.session_id, e.step_id, e.event_type::text, e."timestamp", e.message::text, e.event_data
            from public.events as e
            where e.id = sized_key.id
        ) as sized
        order by sized_key.position
    );
    bytes := coalesce(v_ends[v_count], 1) + 1;
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

comment on function events_internal.page_size(uuid[], bigint) is
'How many bytes the JSON of these events has as a page, and the largest limit with which every page cut from them fits.

p_ids          the events of a page in its order
p_max_bytes    what one page may have
largest_limit  null where one event alone is larger than p_max_bytes

Rules: measures one event after the other, so memory is bounded by the largest.
Errors: none of its own.
Example: select * from events_internal.page_size(array(select id from public.events limit 100), 1000000);';
