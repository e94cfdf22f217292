begin;
\ir fixtures.psql
select plan(23);

-- Contract
select pg_temp.has_contract(
    'events_internal.clamp_snapshot(pg_snapshot, xid8)', 'p_snapshot pg_snapshot, p_limit xid8', 'pg_snapshot',
    'plpgsql', 'stable'
);

-- Privileges
select pg_temp.is_private('events_internal.clamp_snapshot(pg_snapshot, xid8)');

-- Behaviour
select is(
    events_internal.clamp_snapshot(c.snapshot::pg_snapshot, c.cut::xid8)::text, c.expected,
    format('%s cut at %s is %s', c.snapshot, c.cut, c.expected)
)
from (values
    ('100:120:105,110', '108', '100:108:105'),
    ('100:120:105,110', '120', '100:120:105,110'),
    ('100:120:105,110', '121', '100:120:105,110'),
    ('100:120:105,110', '119', '100:119:105,110'),
    ('100:120:105,110', '110', '100:110:105'),
    ('100:120:105,110', '105', '100:105:'),
    ('100:120:105,110', '100', '100:100:'),
    ('100:120:105,110', '99', '99:99:'),
    ('100:120:105,110', '1', '1:1:'),
    ('100:100:', '101', '100:100:'),
    ('100:100:', '50', '50:50:'),
    ('9223372036854775000:9223372036854775807:', '4294967299', '4294967299:4294967299:')
) as c (snapshot, cut, expected);

-- Never more than its input, and of what is below the cut never less.
select is_empty(
    $$
    select s.snapshot, cut, x
    from unnest(
        array['100:100:', '100:110:', '100:110:100', '100:110:103,107', '101:110:109', '99:110:99,100,101,102,103,109']
    )
        as s (snapshot)
    cross join generate_series(95, 115) as cut
    cross join generate_series(90, 120) as x
    where pg_visible_in_snapshot(
            x::text::xid8, events_internal.clamp_snapshot(s.snapshot::pg_snapshot, cut::text::xid8)
        ) is distinct from (pg_visible_in_snapshot(x::text::xid8, s.snapshot::pg_snapshot) and x < cut)
    $$,
    'it sees what its input saw below the cut, and nothing else'
);

select * from finish();
rollback;
