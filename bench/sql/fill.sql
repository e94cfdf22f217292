-- The parent's tables as a busy product has filled them. Called once for each kind of session: those of one call run at
-- the same
-- time, an event a second each, their rows interleaved, and end at %(ended)s. Those that are asked for are among the
-- newest of
-- the table, which is the best case for an index on timestamp.
insert into public.sessions
select id, 'unit_tests', 'in_progress', 'autonomous', '/srv/shop', '{}', null, null, now(), now(), null
from unnest(%(ids)s) as id
on conflict do nothing;

insert into public.events
select
    gen_random_uuid(), s.id, null, case when n %% 100 = 0 then 'error' else 'info' end,
    jsonb_build_object('n', n, 'file', 'src/main/java/Shop.java'), 'event ' || n,
    %(ended)s::timestamptz - (%(events)s - n) * interval '1 s' + s.position * interval '1 ms'
from generate_series(1, %(events)s) as n
cross join unnest(%(ids)s) with ordinality as s (id, position);
