-- That its statements see one snapshot is in tests/snapshot, that it reads the right index in tests/plans.
begin;
\ir fixtures.psql
select plan(65);

-- Contract
select pg_temp.has_contract(
    'events_internal.answers(events_internal.poll[], events_internal.moment, bigint, text)',
    'p_polls events_internal.poll[], p_moment events_internal.moment, p_max_bytes bigint, p_way text',
    'SETOF events_internal.answer', 'plpgsql', 'stable',
    array[
        pg_temp.search_path(), 'row_security=off', 'plan_cache_mode=force_generic_plan', 'enable_seqscan=off',
        'enable_bitmapscan=off', 'enable_sort=off', 'enable_incremental_sort=off', 'enable_hashjoin=off',
        'enable_mergejoin=off', 'random_page_cost=0', 'seq_page_cost=0', 'cpu_operator_cost=0', 'jit=off',
        'work_mem=256MB'
    ]
);

-- Privileges
select pg_temp.is_private('events_internal.answers(events_internal.poll[], events_internal.moment, bigint, text)');

-- Behaviour
create function pg_temp.answer_to(
    p_poll jsonb default '{}', p_way text default 'large', p_max_bytes bigint default 1000000,
    p_moment jsonb default '{}'
) returns events_internal.answer
language sql volatile
return (
    select a
    from pg_temp.moment(p_moment) as m
    cross join events_internal.answers(array[pg_temp.poll(p_poll)], m, p_max_bytes, p_way) as a
);
select pg_temp.add_session(1);
select pg_temp.add_session(2, 'completed');
select pg_temp.add_event(n, p_type => case when n % 2 = 0 then 'even' else 'odd' end) from generate_series(1, 5) as n;

-- One answer
create temporary table answer as select (pg_temp.answer_to('{"limit": 2}')).*;
select is(
    (
        select to_jsonb(a) - array['items', 'next', 'session', 'cursor']
        from answer as a
    ),
    jsonb_build_object(
        'place', 1, 'code', null, 'message', null, 'hint', null, 'largest_limit', null, 'way', null, 'returned', 2,
        'total', 5, 'page', 1, 'per_page', 2, 'status', 'in_progress',
        'timestamp', events_internal.iso_timestamp(transaction_timestamp() - interval '1 microsecond')
    ),
    'an answer says how many there are, and what is on the page'
);
select is((select pg_temp.numbers(a.items) from answer as a), array[5, 4], 'it has the items');
select is(
    (select a.session::json ->> 'project_path' from answer as a), '/srv/shop', 'the session'
);
select is(
    (
        select array_to_string(o.fields[:5], ' ')
        from answer as a
        cross join pg_temp.moment() as m
        cross join events_internal.open_token(a.cursor, pg_temp.id(1), '2c', m.history_id, m.seal_key) as o
    ),
    (
        select concat_ws(
            ' ', '2c', m.history_id, m.incarnation, m.durable_xid, events_internal.told_snapshot(pg_current_snapshot())
        )
        from pg_temp.moment() as m
    ),
    'a cursor, of what the snapshot has told'
);
select is((pg_temp.answer_to(jsonb_build_object('next', a.next))).cursor, a.cursor, 'which the next page repeats')
from answer as a;
select is(
    (select to_jsonb(pg_temp.answer_to(p.poll, way)) - array['place', 'timestamp', 'cursor', 'session']),
    jsonb_build_object(
        'code', null, 'message', null, 'hint', null, 'largest_limit', null, 'way', null, 'items', '\x5b5d',
        'returned', 0, 'total', p.total, 'page', p.page, 'per_page', 100, 'next', null, 'status', p.status
    ),
    format('%s: an empty page, asked %s', p.description, way)
)
from (values
    (jsonb_build_object('session_id', pg_temp.id(2)), 0, 1, 'completed', 'no events'),
    (jsonb_build_object('page', 9), 5, 9, 'in_progress', 'past the end')
) as p (poll, total, page, status, description)
cross join unnest(array['shared', 'alone', 'large']) as way;

-- Several at once
select is(
    array(
        select concat_ws(' ', a.place, coalesce(a.code, pg_temp.numbers(a.items)::text), a.total)
        from pg_temp.moment() as m
        cross join events_internal.answers(
            array[
                pg_temp.poll('{"limit": 1}'), pg_temp.poll('{"cursor": "x"}'),
                pg_temp.poll(jsonb_build_object('session_id', pg_temp.id(9))),
                pg_temp.poll('{"event_type": "even"}'), pg_temp.poll('{"limit": 1}')
            ],
            m, 1000000, 'large'
        ) as a
        order by a.place
    ),
    array['1 {5} 5', '2 SE001', '3 P0002', '4 {4,2} 2', '5 {5} 5'],
    'each poll has its own answer, whatever the others'' is'
);
select is_empty(
    $$
    select a.*
    from pg_temp.moment() as m
    cross join events_internal.answers(array[]::events_internal.poll[], m, 1000, 'large') as a
    $$,
    'no poll is no answer'
);

-- What is refused
select is(
    array[(a).code, (a).message, (a).items::text, (a).way], array[r.code, r.message, null, null],
    format('%s says: %s', r.code, r.message)
)
from (values
    (jsonb_build_object('session_id', pg_temp.id(9)), 1000000, 'P0002',
        'Session not found: 00000000-0000-4000-8000-000000000009'),
    ('{"cursor": "x"}', 1000000, 'SE001', 'The cursor is malformed.'),
    ('{"next": "x"}', 1000000, 'SE001', 'The next is malformed.'),
    (jsonb_build_object('cursor', pg_temp.cursor_of('5:9:', p_session => 2)), 1000000, 'SE002',
        'The cursor belongs to another session.'),
    (jsonb_build_object('cursor', pg_temp.cursor_of('5:9000000000000000000:')), 1000000, 'SE003',
        'The cursor belongs to another database, or to a history that this one has lost.'),
    ('{"limit": 1}', 100, 'SE004', format(
        'The page is %s bytes, more than the 100 that one answer may have, and one of its events alone is larger.',
        length((pg_temp.answer_to('{"limit": 1}')).items)
    ))
) as r (poll, max_bytes, code, message)
cross join lateral pg_temp.answer_to(r.poll, 'large', r.max_bytes) as a;
select is((pg_temp.answer_to('{}', way, 500)).largest_limit, 2, format('%s, what fits is a number', way))
from unnest(array['shared', 'alone', 'large']) as way;

-- What is too much for a shared call: more than 1,000 read, more than 100 returned, a walk, 64 kB.
select pg_temp.add_session(3);
select pg_temp.add_event(3000 + n, p_type => case when n <= 101 then 'rare' else 'info' end, p_session => 3)
from generate_series(1, 1000) as n;
create function pg_temp.is_alone(p_poll jsonb) returns text
language sql
return (
    select
        case
            when a.way is not null then format('%s, %s items', a.way, coalesce(pg_temp.numbers(a.items)::text, 'no'))
            else a.total || ' ' || a.returned
        end
    from pg_temp.answer_to(jsonb_build_object('session_id', pg_temp.id(3)) || p_poll, 'shared') as a
);
create temporary table shared as
select s.*
from (values
    ('{}'::jsonb, '1000 100', 'alone, no items', 'events counted'),
    (jsonb_build_object('cursor', pg_temp.cursor_of('3:3:', p_session => 3)), '1000 100', 'alone, no items',
        'unseen events counted'),
    (jsonb_build_object('cursor', pg_temp.cursor_of('3:3:', p_session => 3), 'event_type', 'none'), '0 0',
        'alone, no items', 'unseen events read for none'),
    ('{"event_type": "rare"}', '101 100', '101 100', 'events of a type counted'),
    ('{"limit": 101}', 'alone, no items', 'alone, no items', 'events returned'),
    ('{"event_type": "rare", "limit": 101}', 'alone, no items', 'alone, no items', 'events of a type returned'),
    ('{"page": 11}', '1000 0', 'alone, no items', 'events counted, past the end'),
    (jsonb_build_object('since', pg_temp.at(3900)), '100 100', '101 100', 'events counted after since'),
    (jsonb_build_object('since', pg_temp.at(3900), 'limit', 1000), '100 100', 'alone, no items',
        'events returned of a greater limit')
) as s (poll, at_1000, at_1001, description);
select is(pg_temp.is_alone(poll), at_1000, 'of 1,000: ' || description) from shared;
select pg_temp.add_event(4001, p_session => 3);
select is(pg_temp.is_alone(poll), at_1001, 'of 1,001: ' || description) from shared;
select is(
    (pg_temp.answer_to(jsonb_build_object('next', (pg_temp.answer_to('{"limit": 2}')).next), 'shared')).way, 'alone',
    'a walk goes on alone, however small'
);
select is(
    array(
        select concat_ws(' ', a.way, a.total, a.returned)
        from (
            select (pg_temp.answer_to(jsonb_build_object('session_id', pg_temp.id(3)) || poll, 'alone')).* from shared
        ) as a
    ),
    array[
        '1001 100', '1001 100', '0 0', '101 100', '1001 101', '101 101', '1001 1', '101 100', '101 101'
    ],
    'alone each of them is answered'
);
-- Little in the table, much when printed: 100 events that compress well, and three of ten numbers of 131,072 digits.
select pg_temp.add_session(n) from generate_series(6, 7) as n;
select pg_temp.add_event(6000 + n, p_message => repeat('a', 40000), p_session => 6) from generate_series(1, 100) as n;
select pg_temp.add_event(7000 + n, p_data => d.numbers, p_session => 7)
from generate_series(1, 3) as n
cross join (select jsonb_agg('{"n": 1e131071}'::jsonb) as numbers from generate_series(1, 10)) as d;
select is(
    array(
        select concat_ws(' ', coalesce(a.code, a.way), a.returned)
        from pg_temp.moment() as m
        cross join events_internal.answers(
            array[
                pg_temp.poll(jsonb_build_object('session_id', pg_temp.id(6))),
                pg_temp.poll(jsonb_build_object('session_id', pg_temp.id(7)))
            ],
            m, p.max_bytes, p.way
        ) as a
        where a.way is not null or a.code is not null
        order by a.place
    ),
    p.expected, format('of pages of %s bytes no more is printed than what is asked %s may', p.max_bytes, p.way)
)
from (values
    ('shared', 100000000, array['alone 2', 'alone 1']), ('shared', 1000, array['alone 2', 'alone 1']),
    ('alone', 100000000, array['large 27', 'large 1']), ('alone', 1000, array['large 27', 'large 1'])
) as p (way, max_bytes, expected);
select is(
    array[(a).code, (a).returned::text, (a).largest_limit::text], array[p.code, p.returned, p.largest_limit],
    format('large, session %s is told of %s bytes', p.session, p.max_bytes)
)
from (values
    (6, 100000000, null, '100', null), (6, 1000000, 'SE004', '100', '24'), (7, 100000000, null, '3', null),
    (7, 3000000, 'SE004', '3', '2'), (7, 1000, 'SE004', '3', null)
) as p (session, max_bytes, code, returned, largest_limit)
cross join lateral pg_temp.answer_to(
    jsonb_build_object('session_id', pg_temp.id(p.session)), 'large', p.max_bytes
) as a;

-- 80 in flight, of which a cursor lists 64: what came between the others is on the later pages all the same.
select pg_temp.add_session(8);
select pg_temp.add_event_of(n::text::xid8, 1000 - n, p_session => 8) from generate_series(101, 259, 2) as n;
create function pg_temp.walked(p_poll jsonb, p_moment jsonb) returns integer[]
language plpgsql
as $$
declare
    v_numbers integer[] := '{}';
    v_poll jsonb := p_poll;
    v_answer events_internal.answer;
begin
    loop
        v_answer := pg_temp.answer_to(jsonb_build_object('session_id', p_poll ->> 'session_id') || v_poll, 'large',
            p_moment => p_moment);
        v_numbers := v_numbers || pg_temp.numbers(v_answer.items);
        exit when v_answer.next is null;
        v_poll := jsonb_build_object('next', v_answer.next);
    end loop;
    return v_numbers;
end;
$$;
select is(
    pg_temp.walked(
        jsonb_build_object('session_id', pg_temp.id(8), 'limit', 10) || w.poll,
        jsonb_build_object('replayed', pg_temp.in_flight(80), 'as_of', pg_temp.in_flight(80))
    ),
    array(select generate_series(1000 - w.from_xid, 741, -2)),
    format('a walk tells all, though its snapshot was cut: %s', w.poll)
)
from (values
    ('{}'::jsonb, 101), ('{"event_type": "info"}', 101),
    (jsonb_build_object('cursor', pg_temp.cursor_of('201:201:', p_session => 8)), 201)
) as w (poll, from_xid);

-- On a standby, whose writers are not in the snapshot, an answer tells no more than had ended before.
select pg_temp.add_session(5);
select pg_temp.add_event_of(n::text::xid8, n, p_session => 5) from generate_series(53, 57) as n;
select is(
    (
        select concat_ws(' ', pg_temp.numbers(a.items), a.total, split_part(array_to_string(o.fields, ' '), ' ', 5))
        from pg_temp.moment('{"replayed": "55:57:55", "as_of": "55:57:55"}') as m
        cross join events_internal.answers(
            array[pg_temp.poll(jsonb_build_object('session_id', pg_temp.id(5)))], m, 1000000, 'large'
        ) as a
        cross join events_internal.open_token(a.cursor, pg_temp.id(5), '2c', m.history_id, m.seal_key) as o
    ),
    '{56,54,53} 3 55:57:55', 'items, total and cursor agree'
);

select * from finish();
rollback;
