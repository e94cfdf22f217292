begin;
\ir fixtures.psql
select plan(21);

-- Contract
select pg_temp.has_contract(
    'events_internal.contains_snapshot(pg_snapshot, pg_snapshot)', 'p_outer pg_snapshot, p_inner pg_snapshot',
    'boolean', 'plpgsql', 'immutable'
);

-- Privileges
select pg_temp.is_private('events_internal.contains_snapshot(pg_snapshot, pg_snapshot)');

-- Behaviour
select is(
    events_internal.contains_snapshot(c.outer::pg_snapshot, c.inner::pg_snapshot), c.expected,
    format('%s %s %s', c.outer, case when c.expected then 'contains' else 'lacks what is seen by' end, c.inner)
)
from (values
    ('100:120:105', '100:120:105', true),
    ('100:120:105', '100:110:105', true),
    ('100:120:105', '100:110:', false),
    ('100:120:105', '100:105:', true),
    ('100:120:', '100:120:105', true),
    ('100:120:105', '100:121:105', false),
    ('100:120:105,110', '100:110:105', true),
    ('100:120:105,110', '100:111:105', false),
    ('100:100:', '99:99:', true),
    ('99:99:', '100:100:', false)
) as c ("outer", "inner", expected);
select is_empty(
    $$
    select s.snapshot, t.snapshot
    from unnest(array['5:5:', '5:9:5', '5:9:', '6:9:7', '5:8:5,7']) as s (snapshot)
    cross join unnest(array['5:5:', '5:9:5', '5:9:', '6:9:7', '5:8:5,7']) as t (snapshot)
    where events_internal.contains_snapshot(s.snapshot::pg_snapshot, t.snapshot::pg_snapshot)
        and exists (
            select
            from generate_series(1, 12) as x
            where pg_visible_in_snapshot(x::text::xid8, t.snapshot::pg_snapshot)
                and not pg_visible_in_snapshot(x::text::xid8, s.snapshot::pg_snapshot)
        )
    $$,
    'what is contained has seen nothing more'
);

select * from finish();
rollback;
