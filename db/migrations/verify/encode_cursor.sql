select 1 / (
    length(events_internal.encode_cursor('00000000-0000-0000-0000-000000000000', pg_current_snapshot(), false)) > 100
)::integer;
