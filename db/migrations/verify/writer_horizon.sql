select 1 / ((t.horizon <= t.read_at) is true)::integer from events_internal.writer_horizon() as t;
