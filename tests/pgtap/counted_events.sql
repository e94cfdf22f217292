begin;
\ir fixtures.psql
select plan(33);

-- Contract
select pg_temp.has_contract(
    'events_internal.counted_events(events_internal.asked, pg_snapshot, bigint)',
    'p_asked events_internal.asked, p_as_of pg_snapshot, p_most bigint',
    'TABLE(total bigint, oldest timestamp with time zone, read bigint)', 'sql', 'stable', null
);

-- Privileges
select pg_temp.is_private('events_internal.counted_events(events_internal.asked, pg_snapshot, bigint)');

-- Behaviour
select pg_temp.add_session();
select pg_temp.add_event_of(n::text::xid8, n, case when n % 2 = 0 then 'even' else 'odd' end)
from generate_series(3, 9) as n;
-- The total, the oldest time, and how many were read for that.
create function pg_temp.counted(p_asked jsonb, p_most bigint default null, p_as_of text default null) returns text
language sql
return (
    select format('%s|%s|%s', n.total, extract(epoch from n.oldest - pg_temp.at(0))::integer, n.read)
    from events_internal.counted_events(
        jsonb_populate_record(
            null::events_internal.asked,
            jsonb_build_object('session_id', pg_temp.id(1), 'from_at', '-infinity', 'has_cursor', false, 'walks', false)
                || p_asked
        ),
        p_as_of::pg_snapshot, p_most
    ) as n
);
select is(pg_temp.counted(c.asked, c.most, c.as_of), c.expected, c.description)
from (values
    ('{}'::jsonb, null, null, '7||0', 'all of a session'),
    ('{}', 3, null, '3||0', 'at most so many'),
    (jsonb_build_object('from_at', pg_temp.at(7)), null, null, '3||0', 'from a time on'),
    ('{"event_type": "odd"}', null, null, '4||0', 'of a type'),
    (jsonb_build_object('event_type', 'odd', 'from_at', pg_temp.at(7)), null, null, '2||0',
        'of a type, from a time on'),
    ('{"event_type": "odd"}', 2, null, '2||0', 'of a type, at most so many'),
    (
        '{"has_cursor": true, "seen": "6:8:6"}', null, null, '3|6|3',
        'what a cursor has not told, and the oldest time of it'
    ),
    ('{"has_cursor": true, "seen": "6:8:6", "event_type": "odd"}', null, null, '1|9|3', 'of a type, among all'),
    ('{"has_cursor": true, "seen": "6:8:6", "event_type": ""}', null, null, '0||3', 'of one that nothing has, too'),
    ('{"has_cursor": true, "seen": "6:8:6", "event_type": ""}', 4, null, '0||3', 'while that are fewer than so many'),
    ('{"has_cursor": true, "seen": "6:8:6", "event_type": ""}', 3, null, '3||3', 'else there may be as many as those'),
    ('{"has_cursor": true, "seen": "6:8:6"}', 2, null, '2|6|2', 'at most so many, in the order of their ids'),
    ('{"has_cursor": true, "seen": "10:10:"}', null, null, '0||0', 'which may be nothing, and has no oldest'),
    ('{"has_cursor": true, "seen": "6:8:6"}', null, '9:9:', '2|6|2', 'on a standby only what it may tell'),
    ('{}', null, '8:9:8', '5||0', 'without a cursor too'),
    ('{}', null, '3:3:', '0||0', 'which may be nothing'),
    ('{"event_type": "odd"}', null, '3:3:', '0||0', 'of a type neither'),
    ('{}', 3, '3:3:', '3||0', 'where more are too new than may be read, as many as those'),
    ('{"event_type": "odd"}', 2, '3:3:', '2||0', 'of a type as well'),
    ('{}', 8, '3:3:', '0||0', 'where fewer are, none is too few'),
    (jsonb_build_object('event_type', 'even', 'from_at', pg_temp.at(5)), null, '8:9:8', '1||0', 'with every filter'),
    ('{"walks": true, "walk": {"total": 500}}', 2, null, '500||0', 'a walk brings its total along'),
    ('{"code": "SE001"}', null, null, '||0', 'what is refused is not counted')
) as c (asked, most, as_of, expected, description);

select * from finish();
rollback;
