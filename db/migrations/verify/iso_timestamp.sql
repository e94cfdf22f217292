select 1 / ((events_internal.iso_timestamp('2026-01-13 14:30:00.123456+00') = '2026-01-13T14:30:00.123456Z') is true)::integer;
