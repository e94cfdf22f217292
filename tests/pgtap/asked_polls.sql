begin;
\ir fixtures.psql
select plan(66);

-- Contract
select pg_temp.has_contract(
    'events_internal.asked_polls(events_internal.poll[], events_internal.moment, pg_snapshot)',
    'p_polls events_internal.poll[], p_moment events_internal.moment, p_now pg_snapshot', 'SETOF events_internal.asked',
    'sql', 'stable', null
);

-- Privileges
select pg_temp.is_private('events_internal.asked_polls(events_internal.poll[], events_internal.moment, pg_snapshot)');

-- Behaviour
create function pg_temp.asked(
    p_poll events_internal.poll, p_moment events_internal.moment default pg_temp.moment()
) returns jsonb
language sql
return (select to_jsonb(a) from events_internal.asked_polls(array[p_poll], p_moment, pg_current_snapshot()) as a);
create function pg_temp.walking(p_fields jsonb, p_moment jsonb default '{}') returns text
language sql
return (
    select events_internal.next_token(
        jsonb_populate_record(
            pg_temp.walk(),
            jsonb_build_object(
                'origin',
                concat_ws(
                    ' ', m.history_id, m.incarnation, m.durable_xid,
                    coalesce(p_fields ->> 'as_of', pg_current_snapshot()::text), '0/0'
                )
            ) || p_fields
        ),
        pg_temp.at(7), pg_temp.id(7), m.seal_key
    )
    from pg_temp.moment(p_moment) as m
);
select pg_temp.add_session(1, p_created_at => '2026-01-13 12:00:00+00');
select pg_temp.add_session(2, 'completed');

-- What is asked for
select is(
    pg_temp.asked(pg_temp.poll('{"event_type": "info", "limit": 10, "page": 3}')) - array['told_at', 'session'],
    jsonb_build_object(
        'place', 1, 'code', null, 'session_id', pg_temp.id(1), 'status', 'in_progress', 'event_type', 'info',
        'from_at', '-infinity', 'has_cursor', false, 'seen', null, 'walks', false, 'walk', null, 'page', 3,
        'per_page', 10
    ),
    'a poll says what it asks for'
);
select is(
    (pg_temp.asked(pg_temp.poll()) ->> 'session')::json ->> 'created_at', '2026-01-13T12:00:00.000000Z',
    'the session is beside it'
);
select is(
    array(
        select format('%s %s %s', a.place, right(a.session_id::text, 1), coalesce(a.code, a.status))
        from events_internal.asked_polls(
            array[
                pg_temp.poll(jsonb_build_object('session_id', pg_temp.id(2))), pg_temp.poll('{"cursor": "x"}'),
                pg_temp.poll(jsonb_build_object('session_id', pg_temp.id(9))), pg_temp.poll()
            ],
            pg_temp.moment(), pg_current_snapshot()
        ) as a
        order by a.place
    ),
    array['1 2 completed', '2 1 SE001', '3 9 P0002', '4 1 in_progress'], 'each poll has its row, under its place'
);
select is_empty(
    $$
    select *
    from events_internal.asked_polls(array[]::events_internal.poll[], pg_temp.moment(), pg_current_snapshot())
    $$,
    'no poll is no row'
);
select is(
    pg_temp.asked(pg_temp.poll(jsonb_build_object('limit', l.limit))) ->> 'per_page', l.per_page,
    format('limit %s is %s', l.limit, l.per_page)
)
from (values (1, '1'), (1000, '1000'), (1001, '1000'), (9223372036854775807, '1000')) as l ("limit", per_page);
select is(
    (pg_temp.asked(pg_temp.poll(jsonb_build_object('since', s.since))) ->> 'from_at')::timestamptz, s.from_at,
    format('since %s is strictly after', s.since)
)
from (values
    ('2026-01-13T14:30:02+00', timestamptz '2026-01-13 14:30:02.000001+00'),
    ('4713-11-24 00:00:00+00 BC', '4713-11-24 00:00:00.000001+00 BC'),
    ('294276-12-31 23:59:59.999998+00', '294276-12-31 23:59:59.999999+00'),
    ('294276-12-31 23:59:59.999999+00', 'infinity')
) as s (since, from_at);

-- Cursors
select is(pg_temp.asked(pg_temp.poll(jsonb_build_object('cursor', c.cursor))) ->> 'code', c.code, c.description)
from (values
    (pg_temp.cursor_of('5:9:5'), null, 'a cursor of now is taken'),
    (pg_temp.cursor_of(pg_current_snapshot()::text), null, 'one of this very moment'),
    ('', 'SE001', 'the empty text is malformed'),
    (repeat('A', 40), 'SE001', 'so is noise'),
    (pg_temp.walking('{}'), 'SE001', 'and a next token'),
    (pg_temp.cursor_of('5:9:5', p_session => 2), 'SE002', 'one of another session is refused'),
    (pg_temp.cursor_of('5:9:5', pg_temp.moment('{"history_id": "7.1.5.6.00c0ffee"}')), 'SE003',
        'one of another history is lost'),
    (pg_temp.cursor_of('5:9000000000000000000:'), 'SE003', 'one of the future is lost'),
    (
        pg_temp.cursor_of(format('5:%s:', pg_current_xact_id()::text::bigint + 1)), null,
        'one that has seen a transaction that this server has given out is not'
    ),
    (pg_temp.cursor_of(format('5:%s:', pg_current_xact_id()::text::bigint + 1000000)), 'SE003',
        'one that has seen more is')
) as c (cursor, code, description);
select is(
    pg_temp.asked(
        pg_temp.poll(jsonb_build_object('cursor', pg_temp.cursor_of('5:9000000000000000000:'))),
        pg_temp.moment('{"in_recovery": true}')
    ) ->> 'code',
    null, 'a standby may not have heard yet of what a cursor has seen'
);
select is(
    pg_temp.asked(
        pg_temp.poll(
            jsonb_build_object('session_id', pg_temp.id(9), 'cursor', pg_temp.cursor_of('5:9:5', p_session => 9))
        )
    ) ->> 'code',
    'P0002', 'a session that is gone is not there, though its cursor is whole'
);
select is(
    pg_temp.asked(pg_temp.poll(jsonb_build_object('cursor', pg_temp.cursor_of('5:9:5')))) ->> 'seen', '5:9:5',
    'its snapshot is believed'
);
select is(
    pg_temp.asked(
        pg_temp.poll(jsonb_build_object('cursor', pg_temp.cursor_of('5:9:5', pg_temp.moment(m.cursors)))),
        pg_temp.moment(m.own)
    ) ->> 'seen',
    m.seen, m.description
)
from (values
    ('{"incarnation": 77, "durable_xid": "7"}'::jsonb, '{}'::jsonb, '5:7:5',
        'of before a crash only what was durable is believed'),
    ('{"incarnation": 77, "durable_xid": "5"}', '{}', '5:5:', 'which may be nothing of it'),
    ('{"incarnation": 77, "durable_xid": "9"}', '{}', '5:9:5', 'or all'),
    ('{"durable_xid": "7"}', '{"in_recovery": true}', '5:7:5',
        'a standby believes a primary''s cursor as far, whatever the run'),
    ('{"durable_xid": "9"}', '{"in_recovery": true, "incarnation": 77}', '5:9:5',
        'and a standby''s wholly: all that it replayed was durable')
) as m (cursors, own, seen, description);

-- A standby that is not sure of its history
select is(
    pg_temp.asked(pg_temp.poll(p.poll), pg_temp.moment('{"in_recovery": true, "history_id": null}')) ->> 'code',
    'SE005', p.description
)
from (values
    ('{}'::jsonb, 'it answers no poll, for its rows may be of a lost history'),
    (jsonb_build_object('session_id', pg_temp.id(9)), 'a session that it does not have may be there'),
    (jsonb_build_object('cursor', pg_temp.cursor_of('5:9:5')), 'it believes no cursor'),
    (jsonb_build_object('next', pg_temp.walking('{}')), 'and no walk')
) as p (poll, description);

-- Walks
select is(
    pg_temp.asked(pg_temp.poll(jsonb_build_object('next', w.next)), pg_temp.moment(w.moment)) ->> 'code', w.code,
    w.description
)
from (values
    (pg_temp.walking('{}'), '{}'::jsonb, null, 'a walk goes on'),
    ('', '{}', 'SE001', 'the empty text is malformed'),
    (pg_temp.cursor_of('5:9:5'), '{}', 'SE001', 'so is a cursor'),
    (pg_temp.walking(jsonb_build_object('session_id', pg_temp.id(2))), '{}', 'SE002',
        'one of another session is refused'),
    (pg_temp.walking('{}', '{"history_id": "7.1.5.6.00c0ffee"}'), '{}', 'SE003', 'one of another history is lost'),
    (pg_temp.walking('{"as_of": "5:9000000000000000000:"}'), '{}', 'SE003', 'one of the future is lost'),
    (pg_temp.walking('{"as_of": "5:9:5"}', '{"incarnation": 77, "durable_xid": "9"}'), '{}', null,
        'one of before a crash goes on where it was durable'),
    (
        pg_temp.walking('{"as_of": "5:9:5"}', '{"incarnation": 77, "durable_xid": "8"}'), '{}', 'SE003',
        'else it is lost'
    ),
    (pg_temp.walking('{"shown_lsn": "0/10"}'), '{"in_recovery": true, "replayed_lsn": "0/10"}', null,
        'a standby that has replayed it shows it'),
    (pg_temp.walking('{"shown_lsn": "0/12"}'), '{"in_recovery": true, "replayed_lsn": "0/10"}', 'SE005',
        'one that has not lets the client come again')
) as w (next, moment, code, description);
select is(
    (
        pg_temp.asked(pg_temp.poll(jsonb_build_object(
            'next', pg_temp.walking('{"per_page": 7, "page": 9, "total": 500, "event_type": "info"}')
        ))) -> 'walk'
    ) - array['origin', 'as_of', 'start_at', 'start_id'],
    jsonb_build_object(
        'session_id', pg_temp.id(1), 'event_type', 'info', 'from_at', '-infinity', 'seen', null, 'shown_lsn', '0/0',
        'by_xid', false, 'is_whole', true, 'skip', 0, 'per_page', 7, 'page', 10,
        'total', 500, 'told_at', '2026-01-13T14:30:00.000000Z'
    ),
    'it knows what is left to read'
);
select is(
    pg_temp.asked(pg_temp.poll(jsonb_build_object('next', pg_temp.walking('{}')))) ->> 'told_at',
    '2026-01-13T14:30:00.000000Z',
    'the time is that of its first answer'
);

-- The time for the next since, from the time of the request and the start of the oldest writer.
select is(
    pg_temp.asked(
        pg_temp.poll(jsonb_build_object('since', t.since)),
        pg_temp.moment(jsonb_build_object('read_at', '2026-01-13T15:00:00+00', 'horizon', t.horizon))
    ) ->> 'told_at',
    t.expected, t.description
)
from (values
    (null, '2026-01-13 15:00:00+00', '2026-01-13T14:59:59.999999Z', 'no writer: strictly before the request'),
    (null, '2026-01-13 14:00:00+00', '2026-01-13T13:59:59.999999Z', 'a writer: strictly before its start'),
    ('2026-01-13 13:00:00+00', '2026-01-13 14:00:00+00', '2026-01-13T13:59:59.999999Z',
        'since before the writer: the same'),
    ('2026-01-13 14:30:00+00', '2026-01-13 14:00:00+00', '2026-01-13T14:30:00.000000Z',
        'since after its start: never back'),
    (
        '2026-01-13 14:00:00+00', '2026-01-13 14:00:00+00', '2026-01-13T14:00:00.000000Z',
        'since at its start: never back'
    ),
    ('2026-01-13 15:00:00+00', '2026-01-13 15:00:00+00', '2026-01-13T14:59:59.999999Z',
        'since now: never later than the request'),
    ('2099-01-01 00:00:00+00', '2026-01-13 14:00:00+00', '2026-01-13T14:59:59.999999Z', 'since in the future: neither'),
    (null, '-infinity', '2026-01-13T11:59:59.999999Z', 'a writer of unknown start: before the session'),
    ('2026-01-13 13:00:00+00', '-infinity', '2026-01-13T13:00:00.000000Z', 'and with since no step forward'),
    ('2099-01-01 00:00:00+00', '-infinity', '2026-01-13T14:59:59.999999Z', 'nor past the request')
) as t (since, horizon, expected, description);

select * from finish();
rollback;
