-- A few events that are newer than all others; the same in every database.
insert into public.events (id, session_id, event_type, event_data, message, "timestamp")
select
    md5(s.id::text || n)::uuid, s.id, 'info', '{"n": 1}', 'new',
    timestamptz '2026-02-01 00:00:00Z' + n * interval '1 s'
from generate_series(1, %(events)s) as n
cross join unnest(%(ids)s) as s (id);
