select 1 / ((
    events_internal.decode_cursor(
        events_internal.encode_cursor('00000000-0000-0000-0000-000000000000', s.now, false),
        '00000000-0000-0000-0000-000000000000'
    )::text = s.now::text
) is true)::integer
from (select pg_current_snapshot() as now) as s;
