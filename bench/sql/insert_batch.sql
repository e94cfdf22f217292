\set session random(100, 119)
insert into public.events (id, session_id, event_type, event_data, message, "timestamp")
select
    gen_random_uuid(), ('00000000-0000-0000-0000-' || lpad(to_hex(:session::integer), 12, '0'))::uuid, 'info',
    '{"n": 1, "file": "src/main/java/Shop.java"}', 'event 1', clock_timestamp()
from generate_series(1, 100);
