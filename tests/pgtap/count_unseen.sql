begin;
\ir fixtures.psql
select plan(22);

-- Contract
select pg_temp.has_contract(
    'events_internal.count_unseen(uuid, text, pg_snapshot, pg_snapshot, bigint)',
    'p_session_id uuid, p_event_type text, p_seen pg_snapshot, p_as_of pg_snapshot, p_most bigint',
    'TABLE(total bigint, oldest timestamp with time zone, read bigint)', 'sql', 'stable', null
);

-- Privileges
select pg_temp.is_private('events_internal.count_unseen(uuid, text, pg_snapshot, pg_snapshot, bigint)');

-- Behaviour
select pg_temp.add_session();
select pg_temp.add_event_of(n::text::xid8, n, case when n % 2 = 0 then 'even' else 'odd' end)
from generate_series(3, 9) as n;
-- The total, the oldest time, and how many were read for that.
create function pg_temp.counted(p_type text, p_seen text, p_as_of text, p_most bigint) returns text
language sql
return (
    select format('%s|%s|%s', n.total, extract(epoch from n.oldest - pg_temp.at(0))::integer, n.read)
    from events_internal.count_unseen(pg_temp.id(1), p_type, p_seen::pg_snapshot, p_as_of::pg_snapshot, p_most) as n
);
select is(pg_temp.counted(c.type, c.seen, c.as_of, c.most), c.expected, c.description)
from (values
    (null, '6:8:6', null, null, '3|6|3', 'what a cursor has not told, and the oldest time of it'),
    ('odd', '6:8:6', null, null, '1|9|3', 'of a type, among all'),
    ('', '6:8:6', null, null, '0||3', 'of one that nothing has, too'),
    ('', '6:8:6', null, 4, '0||3', 'while that are fewer than so many'),
    ('', '6:8:6', null, 3, '0||3', 'it says where it has read as many as it may'),
    (null, '6:8:6', null, 2, '2|6|2', 'at most so many, in the order of their ids'),
    (null, '6:8:6', null, 0, '0||0', 'or none'),
    (null, '10:10:', null, null, '0||0', 'which may be nothing, and has no oldest'),
    (null, '6:8:6', '9:9:', null, '2|6|2', 'on a standby only what it may tell'),
    (null, '9:9:', '9:9:', null, '0||0', 'which may be nothing too'),
    (null, null, null, null, '0||0', 'without a cursor nothing'),
    ('odd', null, '9:9:', 1, '0||0', 'whatever else is asked')
) as c (type, seen, as_of, most, expected, description);

select * from finish();
rollback;
