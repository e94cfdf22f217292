begin;
\ir fixtures.psql
select plan(41);

-- Contract
select pg_temp.has_contract(
    'events_internal.page_events(events_internal.walk)', 'p_walk events_internal.walk',
    'SETOF events_internal.page_event', 'plpgsql', 'stable', null
);

-- Privileges
select pg_temp.is_private('events_internal.page_events(events_internal.walk)');

-- Behaviour
create function pg_temp.page_of(p_walk jsonb) returns integer[]
language sql
return array(
    select right(e.id::text, 12)::integer
    from events_internal.page_events(pg_temp.walk(p_walk)) with ordinality as e (
        id, session_id, step_id, event_type, "timestamp", message, event_data, position
    )
    order by e.position
);
select pg_temp.add_session(1);
select pg_temp.add_session(2);
select pg_temp.add_event_of(n::text::xid8, n, case when n % 2 = 0 then 'even' else 'odd' end)
from generate_series(3, 9) as n;
select pg_temp.add_event(20, pg_temp.at(5), p_type => 'odd');
select pg_temp.add_event(30, p_session => 2);

-- Three ways to the same page: by time, by type, by what is unseen.
select is(pg_temp.page_of(w.walk), w.expected, w.description)
from (values
    ('{}'::jsonb, array[9, 8, 7, 6, 20, 5, 4, 3], 'by time, newest first; of the same time the greater id first'),
    ('{"event_type": "odd"}', array[9, 7, 20, 5, 3], 'by type'),
    ('{"seen": "1:1:", "by_xid": true}', array[9, 8, 7, 6, 20, 5, 4, 3], 'by transaction'),
    ('{"per_page": 2}', array[9, 8, 7], 'one more than the page has, where there is one'),
    ('{"event_type": "odd", "per_page": 2}', array[9, 7, 20], 'by type too'),
    ('{"seen": "1:1:", "by_xid": true, "per_page": 2}', array[9, 8, 7], 'and by transaction'),
    ('{"per_page": 2, "skip": 3}', array[6, 20, 5], 'what is skipped is left out'),
    ('{"event_type": "odd", "per_page": 2, "skip": 4}', array[3], 'by type too'),
    ('{"seen": "1:1:", "by_xid": true, "per_page": 2, "skip": 5}', array[5, 4, 3], 'and by transaction'),
    ('{"skip": 9000000000000000000}', array[]::integer[], 'past the end there is nothing'),
    ('{"seen": "5:8:5,7"}', array[9, 8, 7, 20, 5], 'only what is unseen'),
    ('{"seen": "5:8:5,7", "event_type": "odd"}', array[9, 7, 20, 5], 'by type too'),
    ('{"seen": "5:8:5,7", "by_xid": true}', array[9, 8, 7, 20, 5], 'and by transaction'),
    ('{"seen": "5:8:5,7", "by_xid": true, "event_type": "even"}', array[8], 'of one type'),
    ('{"as_of": "9:9:"}', array[8, 7, 6, 20, 5, 4, 3], 'only what a snapshot has seen, or the caller wrote'),
    ('{"as_of": "5:9:5", "event_type": "odd"}', array[7, 20, 3], 'by type too'),
    ('{"as_of": "5:9:5", "seen": "4:4:", "by_xid": true}', array[8, 7, 6, 20, 4], 'and by transaction'),
    ('{"as_of": "5:9:5", "seen": "7:7:"}', array[8, 7, 20], 'seen by one and not by the other'),
    ('{"session_id": "00000000-0000-4000-8000-000000000002"}', array[30], 'of one session alone'),
    ('{"session_id": "00000000-0000-4000-8000-000000000009"}', array[]::integer[], 'of none, nothing')
) as w (walk, expected, description);

-- Where a page begins and ends.
select is(
    pg_temp.page_of(w.walk || jsonb_build_object('start_at', pg_temp.at(5), 'start_id', pg_temp.id(start))), w.expected,
    format('%s from event %s on', w.walk, start)
)
from (values
    ('{}'::jsonb, 20, array[20, 5, 4, 3]), ('{}', 19, array[5, 4, 3]), ('{}', 5, array[5, 4, 3]),
    ('{}', 4, array[4, 3]),
    ('{"event_type": "odd"}', 5, array[5, 3]), ('{"seen": "1:1:", "by_xid": true}', 5, array[5, 4, 3]),
    ('{"event_type": "odd"}', 19, array[5, 3]), ('{"seen": "1:1:", "by_xid": true}', 19, array[5, 4, 3])
) as w (walk, start, expected);
select is(
    pg_temp.page_of(w.walk || jsonb_build_object('from_at', pg_temp.at(7))), w.expected,
    format('%s back to a time', w.walk)
)
from (values ('{}'::jsonb, array[9, 8, 7]), ('{"event_type": "odd"}', array[9, 7])) as w (walk, expected);
select row_eq(
    'select e.* from events_internal.page_events(pg_temp.walk(''{"per_page": 1}'')) as e limit 1',
    row(pg_temp.id(9), pg_temp.id(1), null, 'odd', pg_temp.at(9), null, '{}')::events_internal.page_event,
    'each with all that is printed of it'
);

select * from finish();
rollback;
