create or replace function events_internal.largest_limit(p_ends bigint[], p_max_bytes bigint)
returns integer
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count integer := cardinality(p_ends);
    v_limit integer := v_count;
    v_last integer := 0;
begin
    for v_first in 1 .. v_count loop
        while v_last < v_count and p_ends[v_last + 1] - coalesce(p_ends[v_first - 1], 0) + 1 <= p_max_bytes loop
            v_last := v_last + 1;
        end loop;
        v_limit := least(v_limit, v_last - v_first + 1);
        exit when v_last = v_count or v_limit = 0;
    end loop;
    return nullif(v_limit, 0);
end;
$$;

comment on function events_internal.largest_limit(bigint[], bigint) is
'The largest limit with which every page cut from a page''s events fits, wherever it begins; null where one event alone
is too large.

p_ends       where event n ends in "[", the events, "," between them
p_max_bytes  what a page may have, with the "]"

Errors: none of its own.
Example: select events_internal.largest_limit(array[10, 20, 30], 21);  -- 2';
