begin;
\ir fixtures.psql
select plan(16);

-- Contract
select pg_temp.has_contract(
    'events_internal.next_token(events_internal.walk, timestamptz, uuid, text)',
    'p_walk events_internal.walk, p_next_at timestamp with time zone, p_next_id uuid, p_seal_key text', 'text',
    'plpgsql', 'stable', array[pg_temp.search_path(), 'DateStyle=ISO, MDY', 'TimeZone=UTC']
);

-- Privileges
select pg_temp.is_private('events_internal.next_token(events_internal.walk, timestamptz, uuid, text)');

-- Behaviour
set local timezone = 'Asia/Kathmandu';
set local datestyle = 'German, DMY';
create function pg_temp.text_of(p_walk jsonb) returns text
language sql
return (
    select array_to_string(o.fields, ' ')
    from events_internal.open_token(
        events_internal.next_token(pg_temp.walk(p_walk), pg_temp.at(7), pg_temp.id(7), 'key'), pg_temp.id(1), '2w',
        '7.1.5.6.00c0ffee', 'key'
    ) as o
);
\set origin '2w 7.1.5.6.00c0ffee 77 9 5:9:6 1/A 2026-01-13T14:30:00.000000Z'
\set start '2026-01-13_14:30:07+00 00000000-0000-4000-8000-000000000007'
select is(
    pg_temp.text_of('{"total": 500}'), concat(:'origin', ' - -infinity - f t 0/0 ', :'start', ' 100 2 500'),
    'it says where the next page begins, whatever the settings of the caller'
);
select is(
    pg_temp.text_of(
        '{"event_type": "info", "from_at": "0044-03-15 12:00:00.000001+00 BC", "seen": "3:5:4", "by_xid": true,'
        ' "is_whole": false, "shown_lsn": "1/F", "per_page": 7, "page": 9, "total": 80}'
    ),
    concat(:'origin', ' 3:5:4 0044-03-15_12:00:00.000001+00_BC 696e666f t f 1/F ', :'start', ' 7 10 80'),
    'and all else that the page needs'
);
select matches(
    pg_temp.text_of(jsonb_build_object('event_type', E'a b "\u00e9')), ' 6120622022c3a9 ',
    'a type may have any character'
);
select is(
    cardinality(string_to_array(pg_temp.text_of(p.walk), ' ')), 18, format('there are 18 fields, also of %s', p.walk)
)
from (values
    ('{"event_type": ""}'::jsonb), ('{"from_at": "infinity", "event_type": "a b"}')
) as p (walk);
-- The largest of each number, and as many in flight as told_snapshot() leaves, in what the cursor had seen and in
-- its own.
select cmp_ok(
    length(events_internal.next_token(
        pg_temp.walk(jsonb_build_object(
            'seen', pg_temp.in_flight(64, 9223372036854775000), 'event_type', repeat('x', 100),
            'page', 9223372036854775806, 'total', 9223372036854775807,
            'origin', concat_ws(
                ' ', '18446744073709551615.2147483647.4294967295.4294967295.ffffffff',
                9223372036854775807, 9223372036854775807, pg_temp.in_flight(64, 9223372036854775000),
                'FFFFFFFF/FFFFFFFF'
            )
        )),
        pg_temp.at(7), pg_temp.id(7), 'key'
    )),
    '<=', 4500, 'and it never outgrows a URL'
);

select * from finish();
rollback;
