begin;
\ir fixtures.psql
select plan(16);

-- Contract
select pg_temp.has_contract(
    'events_internal.far_timestamp(timestamptz)',
    'p_timestamp timestamp with time zone',
    'text', 'plpgsql', 'stable'
);

-- Privileges
select pg_temp.is_private('events_internal.far_timestamp(timestamptz)');

-- Behaviour
-- More of it, by way of iso_timestamp(), is in iso_timestamp.sql.
set local timezone = 'Asia/Kathmandu';
set local datestyle = 'German, DMY';
select is(events_internal.far_timestamp(t.input), t.expected, coalesce('it prints ' || t.expected, 'null stays null'))
from (values
    (timestamptz '10000-01-01 00:00:00+00', '+010000-01-01T00:00:00.000000Z'),
    ('0001-12-31 23:59:59.999999+00 BC', '+000000-12-31T23:59:59.999999Z'),
    ('0002-01-01 00:00:00+00 BC', '-000001-01-01T00:00:00.000000Z'),
    ('infinity', 'infinity'),
    ('-infinity', '-infinity'),
    (null, null)
) as t (input, expected);

select * from finish();
rollback;
