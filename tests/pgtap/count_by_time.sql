begin;
\ir fixtures.psql
select plan(20);

-- Contract
select pg_temp.has_contract(
    'events_internal.count_by_time(uuid, timestamptz, bigint)',
    'p_session_id uuid, p_from timestamp with time zone, p_most bigint', 'TABLE(total bigint)', 'sql', 'stable', null
);

-- Privileges
select pg_temp.is_private('events_internal.count_by_time(uuid, timestamptz, bigint)');

-- Behaviour
select pg_temp.add_events_of_all_times();
select is(
    (select n.total::integer from events_internal.count_by_time(pg_temp.id(c.session), c.from_at, c.most) as n),
    c.expected,
    c.description
)
from (values
    (1, timestamptz '-infinity', null, 7, 'null counts all'),
    (1, '-infinity', 7, 7, 'no fewer where there are no more'),
    (1, '-infinity', 6, 6, 'at most so many'),
    (1, '-infinity', 0, 0, 'or none'),
    (1, pg_temp.at(3), null, 4, 'from that time on'),
    (1, pg_temp.at(3) + interval '1 microsecond', null, 3, 'and not from before'),
    (1, 'infinity', null, 1, 'to the end of time'),
    (2, '-infinity', null, 1, 'of one session alone'),
    (9, '-infinity', null, 0, 'of none, nothing'),
    (null, '-infinity', null, 0, 'nor of null')
) as c (session, from_at, most, expected, description);

select * from finish();
rollback;
