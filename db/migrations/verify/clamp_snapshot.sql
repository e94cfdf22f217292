select 1 / ((events_internal.clamp_snapshot('100:120:105,110', '108')::text = '100:108:105') is true)::integer;
