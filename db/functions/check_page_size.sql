create or replace function events_internal.check_page_size(p_ids uuid[], p_max_bytes bigint)
returns void
language plpgsql
stable
parallel restricted
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ends bigint[];
    v_count integer := cardinality(p_ids);
    v_bytes bigint;
    v_fits integer := v_count;
    v_last integer := 0;
begin
    -- v_ends[n] is where event n ends in the array that json_agg writes: "[", the events, ", \n " between them, "]".
    v_ends := array(
        select sum(octet_length(row_to_json(sized)::text) + 4) over (order by sized_key.position)
        from unnest(p_ids) with ordinality as sized_key (id, position)
        cross join lateral (
            select
                e.id, e.session_id, e.step_id, e.event_type, events_internal.iso_timestamp(e."timestamp") as "timestamp",
                e.message, e.event_data
            from public.events as e
            where e.id = sized_key.id
        ) as sized
        order by sized_key.position
    );
    v_bytes := coalesce(v_ends[v_count], 4) - 2;
    if v_bytes <= p_max_bytes then
        return;
    end if;

    -- The largest limit with which any pages cut from these events fit, wherever they begin.
    for v_first in 1 .. v_count loop
        while v_last < v_count and v_ends[v_last + 1] - coalesce(v_ends[v_first - 1], 0) - 2 <= p_max_bytes loop
            v_last := v_last + 1;
        end loop;
        v_fits := least(v_fits, v_last - v_first + 1);
        exit when v_last = v_count or v_fits = 0;
    end loop;

    raise sqlstate 'SE004' using
        message = case
            when v_fits > 0 then format(
                'The page is %s bytes, more than the %s that one answer may have; limit=%s fits.', v_bytes, p_max_bytes, v_fits
            )
            else format(
                'The page is %s bytes, more than the %s that one answer may have, and one of its events alone is larger.',
                v_bytes, p_max_bytes
            )
        end,
        hint = case
            when v_fits > 0 then format('Ask with limit=%s.', v_fits)
            else 'Ask for other pages, times or types; only the operator can raise MAX_RESPONSE_BYTES.'
        end;
end;
$$;

comment on function events_internal.check_page_size(uuid[], bigint) is
'Refuses a page whose JSON is larger than p_max_bytes, before PostgreSQL builds it as a whole.

Rules: measures one event after the other, so memory is bounded by the largest. The limit in the message is the largest with
which every page cut from these events fits.
Errors: SE004 with the size in bytes and the limit that fits.
Example: select events_internal.check_page_size(array(select id from public.events limit 100), 1000000);';
