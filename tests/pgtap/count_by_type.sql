begin;
\ir fixtures.psql
select plan(21);

-- Contract
select pg_temp.has_contract(
    'events_internal.count_by_type(uuid, text, timestamptz, bigint)',
    'p_session_id uuid, p_event_type text, p_from timestamp with time zone, p_most bigint', 'TABLE(total bigint)',
    'sql', 'stable', null
);

-- Privileges
select pg_temp.is_private('events_internal.count_by_type(uuid, text, timestamptz, bigint)');

-- Behaviour
select pg_temp.add_events_of_all_times();
select is(
    (select n.total::integer from events_internal.count_by_type(pg_temp.id(c.session), c.type, c.from_at, c.most) as n),
    c.expected,
    c.description
)
from (values
    (1, 'odd', timestamptz '-infinity', null, 4, 'null counts all of a type'),
    (1, 'odd', '-infinity', 3, 3, 'at most so many'),
    (1, 'even', pg_temp.at(2), null, 3, 'from that time on'),
    (1, 'even', pg_temp.at(2) + interval '1 microsecond', null, 2, 'and not from before'),
    (1, 'even', 'infinity', null, 1, 'to the end of time'),
    (1, 'eve', '-infinity', null, 0, 'not by its beginning'),
    (1, '', '-infinity', null, 0, 'nor of the empty type'),
    (2, 'info', '-infinity', null, 1, 'of one session alone'),
    (9, 'info', '-infinity', null, 0, 'of none, nothing'),
    (null, 'info', '-infinity', null, 0, 'nor of null'),
    (1, null, '-infinity', null, 0, 'nor of no type')
) as c (session, type, from_at, most, expected, description);

select * from finish();
rollback;
