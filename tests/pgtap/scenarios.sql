-- The user stories of the specification (US1.1 is story 1, scenario 1) and its edge cases, in plain SQL, without the
-- proxy.
begin;
\ir fixtures.psql
select plan(30);

-- US1: view the complete history of a session
select pg_temp.add_session(1, 'completed');
insert into public.steps (id, session_id, code, name, status, sequence, inputs, retry_count, created_at)
values (pg_temp.id(1), pg_temp.id(1), 'analyse', 'Analyse the project', 'completed', 1, '{}', 0, pg_temp.at(0));
insert into public.events (id, session_id, step_id, event_type, event_data, message, "timestamp")
values
    (pg_temp.id(1), pg_temp.id(1), null, 'info', '{"host": "ci-1"}', 'Session started', pg_temp.at(1)),
    (pg_temp.id(2), pg_temp.id(1), pg_temp.id(1), 'step_started', '{}', null, pg_temp.at(2)),
    (pg_temp.id(3), pg_temp.id(1), pg_temp.id(1), 'warning', '{"line": 7}', 'Unused import', pg_temp.at(3)),
    (pg_temp.id(4), pg_temp.id(1), pg_temp.id(1), 'error', '{"code": "E1", "retry": false}', 'Build failed',
        pg_temp.at(4)),
    (pg_temp.id(5), pg_temp.id(1), pg_temp.id(1), 'step_completed', '{"seconds": 2.50}', 'Done', pg_temp.at(5));
select results_eq(
    'select * from api.session_events(pg_temp.id(1))',
    $$
    values
        (pg_temp.id(5), pg_temp.id(1), pg_temp.id(1), 'step_completed', '2026-01-13T14:30:05.000000Z', 'Done',
            '{"seconds": 2.50}'::jsonb),
        (pg_temp.id(4), pg_temp.id(1), pg_temp.id(1), 'error', '2026-01-13T14:30:04.000000Z', 'Build failed',
            '{"code": "E1", "retry": false}'),
        (pg_temp.id(3), pg_temp.id(1), pg_temp.id(1), 'warning', '2026-01-13T14:30:03.000000Z', 'Unused import',
            '{"line": 7}'),
        (pg_temp.id(2), pg_temp.id(1), pg_temp.id(1), 'step_started', '2026-01-13T14:30:02.000000Z', null, '{}'),
        (pg_temp.id(1), pg_temp.id(1), null, 'info', '2026-01-13T14:30:01.000000Z', 'Session started',
            '{"host": "ci-1"}')
    $$,
    'US1.1: all events of a session, with their timestamps, types, messages and data'
);
select is(pg_temp.answer('Total-Count'), '5', 'US1.1: and how many they are');
select is(pg_temp.answer('Session-Status'), 'completed', 'US1.1: and that the session has ended');
select pg_temp.add_session(2, 'pending');
select is(pg_temp.page(null, 2), array[]::integer[], 'US1.2: a session without events has an empty list');
select is(pg_temp.answer('Total-Count'), '0', 'US1.2: with a total of 0');
select is(pg_temp.answer('Per-Page'), '100', 'US1.2: the default limit');
select is(pg_temp.answer('Session-Status'), 'pending', 'US1.2: the status');
select isnt(pg_temp.answer('Events-Timestamp'), null, 'US1.2: a time to go on from');
select isnt(pg_temp.answer('Events-Cursor'), null, 'US1.2: and a cursor');
select throws_ok(
    'select * from api.session_events(pg_temp.id(99))', 'P0002',
    'Session not found: 00000000-0000-4000-8000-000000000099',
    'US1.3: a session that does not exist is a clear error'
);

-- US2: monitor a session while it runs
select is(
    pg_temp.page('p_since => ''2026-01-13T14:30:03Z'''), array[5, 4], 'US2.1: since T only what happened after T'
);
select is(
    pg_temp.page('p_since => ''2026-01-13T14:30:05Z'''), array[]::integer[],
    'US2.2: nothing new since T is an empty list'
);
select is(pg_temp.answer('Total-Count'), '0', 'US2.2: with a total of 0');
select pg_temp.add_session(3);
insert into public.events (id, session_id, event_type, event_data, message, "timestamp")
select gen_random_uuid(), pg_temp.id(3), 'info', '{"n": 1}', 'line', pg_temp.at(0) + n * interval '1 millisecond'
from generate_series(1, 10000) as n;
-- The shortest of five runs, since a machine may be busy with something else.
create function pg_temp.milliseconds(p_query text) returns double precision
language plpgsql
as $$
declare
    v_shortest double precision := 'infinity';
    v_began timestamptz;
begin
    for v_run in 1 .. 5 loop
        v_began := clock_timestamp();
        execute p_query;
        v_shortest := least(v_shortest, extract(epoch from clock_timestamp() - v_began) * 1000);
    end loop;
    return v_shortest;
end;
$$;
select cmp_ok(
    pg_temp.milliseconds(format('select * from api.session_events(pg_temp.id(3)%s)', arguments)), '<',
    500::double precision,
    format('US2.3: with 10,000 events a call%s takes less than 500 ms', arguments)
)
from unnest(
    array['', ', p_since => ''2026-01-13T14:30:09Z''', ', p_event_type => ''info'', p_limit => 1000']
) as arguments;

-- US3: filter by type
select is(pg_temp.page('p_event_type => ''error'''), array[4], 'US3.1: of mixed types only errors');
select is(
    pg_temp.page('p_event_type => ''workflow_paused'''), array[]::integer[],
    'US3.2: a type that nothing has is an empty list'
);
select set_eq(
    'select e.event_type from api.session_events(pg_temp.id(1)) as e',
    array['info', 'step_started', 'warning', 'error', 'step_completed'],
    'US3.3: without a filter all types'
);

-- US4: limit the size of a batch
select pg_temp.add_session(4);
select pg_temp.add_event(4000 + n, p_session => 4) from generate_series(1, 500) as n;
select is(cardinality(pg_temp.page('p_limit => 50', 4)), 50, 'US4.1: of 500 events exactly the 50 asked for');
select is(pg_temp.answer('Total-Count'), '500', 'US4.1: and that there are 500');
select pg_temp.add_session(5);
select pg_temp.add_event(5000 + n, p_session => 5) from generate_series(1, 20) as n;
select is(cardinality(pg_temp.page('p_limit => 50', 5)), 20, 'US4.2: all 20 where there are no more');
select is(cardinality(pg_temp.page(null, 4)), 100, 'US4.3: 100 without a limit');
select is(
    (select count(*)::integer from api.session_events(pg_temp.id(3), p_limit => 2000)), 1000,
    'FR-005: never more than 1,000'
);

-- Edge cases
select pg_temp.add_event(21, p_session => 2);
select is(pg_temp.page(null, 2), array[21], 'Edge: a running session shows what it has so far');
select is(
    pg_temp.page('p_since => ''2999-01-01T00:00:00Z'''), array[]::integer[],
    'Edge: since in the future is an empty list'
);
select is(
    pg_temp.page('p_event_type => ''warning'', p_limit => 1'), array[3],
    'Edge: the limit applies after the filter, though newer events of other types exist'
);
select pg_temp.add_session(6);
select pg_temp.add_event(61, p_data => jsonb_build_object('log', repeat('0123456789', 100000)), p_session => 6);
select is(
    (select length(e.event_data ->> 'log') from api.session_events(pg_temp.id(6)) as e), 1000000,
    'Edge: a large payload comes whole'
);
select pg_temp.add_session(7);
select pg_temp.add_event(n, pg_temp.at(0), p_session => 7) from unnest(array[72, 74, 71, 73]) as n;
select is(pg_temp.page(null, 7), array[74, 73, 72, 71], 'Edge: events of one timestamp have a stable order');
select is(
    pg_temp.page('p_limit => 2', 7)
        || pg_temp.page('p_limit => 2, p_page => 2', 7), array[74, 73, 72, 71], 'Edge: also across pages'
);
-- That many pollers at once see what one sees is in tests/http.

select * from finish();
rollback;
