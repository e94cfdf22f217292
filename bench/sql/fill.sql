-- The parent's tables as a busy product has filled them: one huge old session, then many that run at the same time, their
-- rows interleaved. The session that is asked for is among the newest, which is the best case for an index on timestamp.
insert into public.sessions
select id, 'unit_tests', 'in_progress', 'autonomous', '/srv/shop', '{}', null, null, now(), now(), null
from unnest(%(large_ids)s || %(small_ids)s || %(typical_ids)s) as id;

insert into public.events
select
    gen_random_uuid(), s.id, null, case when n %% 100 = 0 then 'error' else 'info' end,
    jsonb_build_object('n', n, 'file', 'src/main/java/Shop.java'), 'event ' || n,
    timestamptz '2026-01-12 14:30:00Z' + n * interval '10 ms'
from generate_series(1, %(large)s) as n
cross join unnest(%(large_ids)s) as s (id);

insert into public.events
select
    gen_random_uuid(), s.id, null, case when n %% 100 = 0 then 'error' else 'info' end,
    jsonb_build_object('n', n, 'file', 'src/main/java/Shop.java'), 'event ' || n,
    timestamptz '2026-01-13 14:30:00Z' + n * interval '1 s' + s.position * interval '7 ms'
from generate_series(1, %(typical)s) as n
cross join unnest(%(small_ids)s || %(typical_ids)s) with ordinality as s (id, position)
where n <= %(small)s or s.id <> all (%(small_ids)s);
