begin;
\ir fixtures.psql
select plan(29);

-- Contract
select pg_temp.has_contract(
    'events_internal.iso_timestamp(timestamptz)', 'p_timestamp timestamp with time zone',
    'text', 'sql', 'stable', null
);

-- Privileges
select pg_temp.is_private('events_internal.iso_timestamp(timestamptz)');

-- Behaviour, whatever the settings of the session
set local timezone = 'Asia/Kathmandu';
set local datestyle = 'German, DMY';
select is(events_internal.iso_timestamp(t.input), t.expected, coalesce('it prints ' || t.expected, 'null stays null'))
from (values
    (timestamptz '2026-01-13 14:30:00.123456+00', '2026-01-13T14:30:00.123456Z'),
    ('2026-01-13 14:30:00+00', '2026-01-13T14:30:00.000000Z'),
    ('2026-01-13 14:30:00.1+00', '2026-01-13T14:30:00.100000Z'),
    ('2026-01-13 14:30:00.000001+00', '2026-01-13T14:30:00.000001Z'),
    ('2026-01-13 00:15:00+05:45', '2026-01-12T18:30:00.000000Z'),
    ('2024-02-29 23:59:59.999999+00', '2024-02-29T23:59:59.999999Z'),
    ('2026-12-31 23:59:59.9999999+00', '2027-01-01T00:00:00.000000Z'),
    ('0001-01-01 00:00:00+00', '0001-01-01T00:00:00.000000Z'),
    ('0999-06-01 00:00:00+00', '0999-06-01T00:00:00.000000Z'),
    ('9999-12-31 23:59:59.999999+00', '9999-12-31T23:59:59.999999Z'),
    ('10000-01-01 00:00:00+00', '+010000-01-01T00:00:00.000000Z'),
    ('294276-12-31 23:59:59.999999+00', '+294276-12-31T23:59:59.999999Z'),
    -- The year before 1 is 0, and ECMAScript forbids -000000.
    ('0001-12-31 23:59:59.999999+00 BC', '+000000-12-31T23:59:59.999999Z'),
    ('0002-01-01 00:00:00+00 BC', '-000001-01-01T00:00:00.000000Z'),
    ('4713-11-24 00:00:00+00 BC', '-004712-11-24T00:00:00.000000Z'),
    ('infinity', 'infinity'),
    ('-infinity', '-infinity'),
    (null, null)
) as t (input, expected);
select is_empty(
    $$
    select t
    from generate_series(
        timestamptz '0001-01-01 00:00:00+00', '9999-12-31 00:00:00+00', interval '97 days 1.000001 s'
    ) as t
    where events_internal.iso_timestamp(t) !~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$'
        or events_internal.iso_timestamp(t)::timestamptz <> t
        or events_internal.iso_timestamp(t) collate "C" >= events_internal.iso_timestamp(
            t + '1 microsecond'
        ) collate "C"
    $$,
    'within the years 1 to 9999 it has 27 characters, says the same moment, and sorts as text'
);

select * from finish();
rollback;
