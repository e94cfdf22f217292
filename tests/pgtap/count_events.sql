begin;
\ir fixtures.psql
select plan(44);

-- Contract
select pg_temp.has_contract(
    'events_internal.count_events(uuid, text, timestamptz, pg_snapshot, bigint)',
    'p_session_id uuid, p_event_type text, p_from timestamp with time zone, p_as_of pg_snapshot, '
    'p_most bigint',
    'bigint', 'plpgsql', 'stable', null
);

-- Privileges
select pg_temp.is_private('events_internal.count_events(uuid, text, timestamptz, pg_snapshot, bigint)');

-- Behaviour
select pg_temp.add_events_of_all_times();
select is(
    events_internal.count_events(pg_temp.id(c.session), c.type, c.from_at, null, c.most)::integer, c.expected,
    c.description
)
from (values
    (1, null, timestamptz '-infinity', null, 7, 'null counts all'),
    (1, null, '-infinity', 7, 7, 'no fewer where there are no more'),
    (1, null, '-infinity', 6, 6, 'at most so many'),
    (1, null, '-infinity', 0, 0, 'or none'),
    (1, null, pg_temp.at(3), null, 4, 'from that time on'),
    (1, null, pg_temp.at(3) + interval '1 microsecond', null, 3, 'and not from before'),
    (1, null, 'infinity', null, 1, 'to the end of time'),
    (2, null, '-infinity', null, 1, 'of one session alone'),
    (9, null, '-infinity', null, 0, 'of none, nothing'),
    (1, 'odd', '-infinity', null, 4, 'null counts all of a type'),
    (1, 'odd', '-infinity', 3, 3, 'at most so many of a type'),
    (1, 'even', pg_temp.at(2), null, 3, 'of a type from that time on'),
    (1, 'even', pg_temp.at(2) + interval '1 microsecond', null, 2, 'and not of it from before'),
    (1, 'even', 'infinity', null, 1, 'of a type to the end of time'),
    (1, 'eve', '-infinity', null, 0, 'not by its beginning'),
    (1, '', '-infinity', null, 0, 'nor of the empty type'),
    (2, 'info', '-infinity', null, 1, 'of one session and type alone'),
    (9, 'info', '-infinity', null, 0, 'of no session''s type, nothing')
) as c (session, type, from_at, most, expected, description);

-- On a standby only what it may tell.
select pg_temp.add_session(3);
select pg_temp.add_event_of(n::text::xid8, 100 + n, case when n % 2 = 0 then 'even' else 'odd' end, 3)
from generate_series(3, 9) as n;
select is(
    events_internal.count_events(pg_temp.id(3), c.type, c.from_at, c.as_of::pg_snapshot, c.most)::integer, c.expected,
    c.description
)
from (values
    (null, timestamptz '-infinity', '8:9:8', null, 5, 'what is too new is taken off'),
    (null, '-infinity', '10:10:', null, 7, 'where nothing is, nothing'),
    (null, '-infinity', '3:3:', null, 0, 'which may be all'),
    ('odd', '-infinity', '3:3:', null, 0, 'of a type too'),
    ('even', pg_temp.at(105), '8:9:8', null, 1, 'from a time on'),
    ('even', pg_temp.at(109), '3:3:', null, 0, 'of nothing nothing is taken off'),
    (null, '-infinity', '3:3:', 3, 3, 'where there are as many as may be read, it looks no further'),
    ('odd', '-infinity', '3:3:', 2, 2, 'of a type neither'),
    ('even', '-infinity', '3:3:', 7, 7, 'nor where as many are too new, of every type'),
    ('even', '-infinity', '3:3:', 8, 0, 'where fewer are, none is too few'),
    (null, '-infinity', '3:3:', 8, 0, 'of every type as well'),
    (null, pg_temp.at(108), '9:9:', null, 1, 'what is older than the time and too new is not taken off twice'),
    (null, '-infinity', '5:9:5,6', 8, 4, 'one in flight is too new, and one that began later'),
    (null, '-infinity', null, 8, 7, 'a primary tells all that it sees'),
    ('odd', '-infinity', null, 8, 4, 'of a type as well'),
    ('none', '-infinity', '3:3:', 8, 0, 'and of one that nothing has, nothing')
) as c (type, from_at, as_of, most, expected, description);

select * from finish();
rollback;
