begin;
\ir fixtures.psql
select plan(135);

-- Contract
select pg_temp.has_contract(
    'api.session_events(uuid, timestamptz, text, bigint, bigint, text, bigint, text)',
    'p_session_id uuid, p_since timestamp with time zone DEFAULT NULL::timestamp with time zone, '
    'p_event_type text DEFAULT NULL::text, p_limit bigint DEFAULT 100, p_page bigint DEFAULT 1, '
    'p_cursor text DEFAULT NULL::text, p_max_bytes bigint DEFAULT 134217728, p_next text DEFAULT NULL::text',
    'SETOF api.session_event', 'plpgsql', 'volatile'
);

-- Privileges
select pg_temp.is_granted_to(
    'api.session_events(uuid, timestamptz, text, bigint, bigint, text, bigint, text)', array['session_events_reader']
);

-- Order
select pg_temp.add_session();
select pg_temp.add_event(1, pg_temp.at(1));
select pg_temp.add_event(4, pg_temp.at(2));
select pg_temp.add_event(2, pg_temp.at(2));
select pg_temp.add_event(5, pg_temp.at(2));
select pg_temp.add_event(3, pg_temp.at(3), 'error');
select pg_temp.add_event(6, pg_temp.at(2) + interval '1 microsecond', 'error');
select is(pg_temp.page(), array[3, 6, 5, 4, 2, 1], 'newest first; of the same time the greater id first');
select is(
    pg_temp.page('p_limit => 2') || pg_temp.page('p_limit => 2, p_page => 2')
        || pg_temp.page('p_limit => 2, p_page => 3'),
    array[3, 6, 5, 4, 2, 1],
    'pages cut through ties without a gap or a repeat'
);
select is(pg_temp.page('p_event_type => ''info'''), array[5, 4, 2, 1], 'the same order with a type');
select is(
    pg_temp.page('p_event_type => ''info'', p_limit => 2, p_page => 2'), array[2, 1], 'and through its pages'
);

-- Columns
select row_eq(
    $$ select * from api.session_events(pg_temp.id(1), p_limit => 1) $$,
    row(
        pg_temp.id(3), pg_temp.id(1), null, 'error', '2026-01-13T14:30:03.000000Z', 'something happened', '{}'
    )::api.session_event,
    'a row has the columns of the contract, its time in UTC with six digits'
);
set local timezone = 'Asia/Kathmandu';
set local datestyle = 'German, DMY';
select is(
    (select e."timestamp" from api.session_events(pg_temp.id(1), p_limit => 1) as e),
    '2026-01-13T14:30:03.000000Z',
    'whatever the time zone and date style of the session'
);
set local timezone = 'UTC';
set local datestyle = 'ISO, MDY';

-- Filters
select is(pg_temp.page(f.arguments), f.expected, f.description)
from (values
    ('p_since => null, p_event_type => null, p_limit => null, p_page => null, p_cursor => null, p_max_bytes => null,
        p_next => null',
        array[3, 6, 5, 4, 2, 1], 'null is the same as nothing said'),
    ('p_since => ''2026-01-13 14:30:02+00''', array[3, 6], 'since is strictly after, to the microsecond'),
    ('p_since => ''2026-01-13 14:30:02.000001+00''', array[3], 'also where a fraction is given'),
    ('p_since => ''2026-01-13 14:30:01.999999+00''', array[3, 6, 5, 4, 2], 'one microsecond before: all of that time'),
    ('p_since => ''2026-01-13 20:15:02+05:45''', array[3, 6], 'an offset says which moment is meant'),
    ('p_since => ''2099-01-01 00:00:00+00''', array[]::integer[], 'since in the future: nothing, and no error'),
    ('p_since => ''4713-11-24 00:00:00+00 BC''', array[3, 6, 5, 4, 2, 1], 'since the beginning of time: everything'),
    ('p_event_type => ''error''', array[3, 6], 'only this type'),
    ('p_event_type => ''err''', array[]::integer[], 'not by its beginning'),
    ('p_event_type => ''Error''', array[]::integer[], 'not in another case'),
    ('p_event_type => ''error ''', array[]::integer[], 'not with a space after it'),
    ('p_event_type => ''%''', array[]::integer[], 'not as a pattern'),
    ('p_event_type => ''''', array[]::integer[], 'the empty type is a type that nothing has'),
    ('p_event_type => ''error'', p_since => ''2026-01-13 14:30:02.000001+00''', array[3], 'both filters at once'),
    ('p_event_type => ''info'', p_limit => 1', array[5], 'filters apply before the limit'),
    ('p_event_type => ''info'', p_limit => 1, p_page => 4', array[1], 'and before the page')
) as f (arguments, expected, description);

-- Both ends of the range of timestamptz
select pg_temp.add_session(2);
select pg_temp.add_event(e.number, e.at, e.type, p_session => 2)
from (values
    (101, timestamptz '-infinity', 'info'), (102, '4713-11-24 00:00:00+00 BC', 'info'),
    (103, '0044-03-15 12:00:00+00 BC', 'error'), (104, '0001-12-31 23:59:59.999999+00 BC', 'info'),
    (105, '9999-12-31 23:59:59.999999+00', 'info'), (106, '294276-12-31 23:59:59.999998+00', 'error'),
    (107, '294276-12-31 23:59:59.999999+00', 'info'), (108, 'infinity', 'error')
) as e (number, at, type);
select is(pg_temp.page(f.arguments, 2), f.expected, f.description)
from (values
    (
        null, array[108, 107, 106, 105, 104, 103, 102, 101],
        'every time that PostgreSQL knows has its place in the order'
    ),
    (
        'p_since => ''4713-11-24 00:00:00+00 BC''', array[108, 107, 106, 105, 104, 103],
        'strictly after the first moment'
    ),
    ('p_since => ''294276-12-31 23:59:59.999998+00''', array[108, 107], 'strictly after the last but one'),
    ('p_since => ''294276-12-31 23:59:59.999999+00''', array[108], 'after the last moment there is only infinity'),
    ('p_since => ''294276-12-31 23:59:59.999999+00'', p_event_type => ''error''', array[108], 'with a type too'),
    ('p_since => ''0044-03-15 12:00:00+00 BC'', p_event_type => ''error''', array[108, 106],
        'years before 1, with a type')
) as f (arguments, expected, description);
select is(
    (select array_agg(e."timestamp") from api.session_events(pg_temp.id(2)) as e),
    array[
        'infinity', '+294276-12-31T23:59:59.999999Z', '+294276-12-31T23:59:59.999998Z', '9999-12-31T23:59:59.999999Z',
        '+000000-12-31T23:59:59.999999Z', '-000043-03-15T12:00:00.000000Z', '-004712-11-24T00:00:00.000000Z',
        '-infinity'
    ],
    'and leaves as ISO 8601, with expanded years where four digits do not do'
);
select throws_ok(
    format('select api.session_events(pg_temp.id(1), p_since => %L)', since),
    '22023', format('p_since is %s; give a finite time, or null', since), format('since %s is refused', since)
)
from unnest(array['infinity', '-infinity']) as since;

-- Limit and page
select pg_temp.add_session(3, 'completed');
select pg_temp.add_event(1000 + n, pg_temp.at(0) + n * interval '1 millisecond', p_session => 3)
from generate_series(1, 1050) as n;
select is(
    pg_temp.page(f.arguments, 3), array(select 1000 + n from generate_series(f.newest, f.oldest, -1) as n),
    f.description
)
from (values
    (null, 1050, 951, 'without a limit 100'),
    ('p_limit => null', 1050, 951, 'a null limit is 100'),
    ('p_limit => 1', 1050, 1050, 'a limit of one'),
    ('p_limit => 1000', 1050, 51, 'the largest limit'),
    ('p_limit => 1001', 1050, 51, 'above it as if it were 1000'),
    ('p_limit => 9223372036854775807', 1050, 51, 'also far above'),
    ('p_limit => 5000, p_page => 2', 50, 1, 'pages are then of 1000 too'),
    ('p_page => null', 1050, 951, 'a null page is the first'),
    ('p_page => 11', 50, 1, 'the last page is what is left'),
    ('p_page => 12', 0, 1, 'past the end nothing'),
    ('p_page => 9223372036854775807', 0, 1, 'also far past it'),
    ('p_page => 9223372036854775807, p_limit => 1000, p_event_type => ''info''', 0, 1, 'with a type'),
    ('p_page => 9223372036854775807, p_limit => 1000, p_since => ''2026-01-01 00:00:00+00''', 0, 1, 'with since')
) as f (arguments, newest, oldest, description);
select throws_ok(
    format('select api.session_events(pg_temp.id(1), %s => %s)', argument, value),
    '22023', format('%s is %s; it must be at least 1', argument, value), format('%s of %s is refused', argument, value)
)
from unnest(array['p_limit', 'p_page', 'p_max_bytes']) as argument
cross join unnest(array['0', '-1', '-9223372036854775808']) as value;
select throws_ok(
    'select api.session_events(null)', '22023', 'p_session_id is null; give the id of a session',
    'a null session is refused'
);

-- What comes beside the rows
select pg_temp.page('p_event_type => ''error'', p_limit => 1, p_page => 2');
select is(
    (
        select array_agg(name order by name)
        from jsonb_array_elements(current_setting('response.headers')::jsonb) as header
        cross join jsonb_object_keys(header.value) as name
    ),
    array['Events-Cursor', 'Events-Timestamp', 'Page', 'Per-Page', 'Session-Status', 'Total-Count'],
    'six values come beside the rows'
);
select is(pg_temp.answer('Page'), '2', 'the page is handed back');
select is(pg_temp.answer('Total-Count'), '2', 'the total counts what the filters leave, not what the page shows');
select is(pg_temp.answer('Per-Page'), '1', 'per page is the limit');
select is(pg_temp.answer('Session-Status'), 'in_progress', 'the status of the session');
select matches(
    pg_temp.answer('Events-Timestamp'), '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$', 'the time, as in the rows'
);
select matches(pg_temp.answer('Events-Cursor'), '^[A-Za-z0-9_-]{100,}$', 'the cursor is safe in a URL');
select pg_temp.page('p_limit => 4000', 3);
select is(pg_temp.answer('Per-Page'), '1000', 'per page says that the limit was capped');
select is(pg_temp.answer('Total-Count'), '1050', 'the total is not capped');
select is(pg_temp.answer('Session-Status'), 'completed', 'each session has its own status');
select pg_temp.page('p_page => 9223372036854775807', 3);
select is(pg_temp.answer('Total-Count'), '1050', 'past the end the total is what it was');
select pg_temp.page('p_since => ''2026-01-13 14:30:01.049+00''', 3);
select is(pg_temp.answer('Total-Count'), '1', 'the total counts what is after since');

-- The time for the next since
select cmp_ok(pg_temp.answer('Events-Timestamp')::timestamptz, '<', clock_timestamp(), 'never later than the clock');
select is(
    pg_temp.answer('Events-Timestamp')::timestamptz, transaction_timestamp() - interval '1 microsecond',
    'and strictly before the oldest writer began, here the caller itself'
);
select pg_temp.page('p_since => ''2099-01-01 00:00:00+00''');
select cmp_ok(
    pg_temp.answer('Events-Timestamp')::timestamptz, '<', clock_timestamp(), 'also where since is in the future'
);
select pg_temp.page(format('p_since => %L', pg_temp.answer('Events-Timestamp')));
select is(pg_temp.answer('Total-Count'), '0', 'a poll right after has nothing again');

-- The cursor. What this file inserts is in flight until it ends, so a cursor tells it again.
select pg_temp.add_session(4);
select pg_temp.page(null, 4);
select set_config('test.cursor', pg_temp.answer('Events-Cursor'), true);
select pg_temp.add_event(401, pg_temp.at(5), p_session => 4);
select pg_temp.add_event(402, '1999-01-01 00:00:00+00', 'error', p_session => 4);
select pg_temp.add_event(403, pg_temp.at(5), p_session => 4);
select is(
    pg_temp.page(format('p_cursor => %L%s', current_setting('test.cursor'), f.arguments), 4), f.expected, f.description
)
from (values
    ('', array[403, 401, 402], 'what was written after the cursor, whatever its time, newest first'),
    (', p_event_type => ''error''', array[402], 'with a type'),
    (', p_event_type => ''warning''', array[]::integer[], 'of which there may be none'),
    (', p_limit => 2', array[403, 401], 'with a limit'),
    (', p_limit => 2, p_page => 2', array[402], 'and pages'),
    (', p_page => 9223372036854775807, p_limit => 1000', array[]::integer[], 'far past the end')
) as f (arguments, expected, description);
select pg_temp.page(format('p_cursor => %L, p_limit => 1', current_setting('test.cursor')), 4);
select is(pg_temp.answer('Total-Count'), '3', 'the total counts what the cursor has left');
select is(
    pg_temp.page(format('p_cursor => %L', pg_temp.answer('Events-Cursor')), 4), array[403, 401, 402],
    'rows of a transaction in flight are told again, its own too'
);
select throws_ok(
    format(
        'select api.session_events(pg_temp.id(4), p_since => now(), p_cursor => %L)', current_setting('test.cursor')
    ),
    '22023', 'p_since and p_cursor exclude each other; give one', 'since and cursor exclude each other'
);
select throws_ok(
    format('select api.session_events(pg_temp.id(1), p_cursor => %L)', current_setting('test.cursor')),
    'SE002', 'The cursor belongs to another session.', 'a cursor of another session is refused'
);
select throws_ok(
    'select api.session_events(pg_temp.id(1), p_cursor => ''yesterday'')',
    'SE001', 'The cursor is malformed.', 'a malformed cursor is refused'
);
select throws_ok(
    'select api.session_events(pg_temp.id(1), p_cursor => '''')', 'SE001', 'The cursor is malformed.',
    'an empty one too'
);

-- The walk: pages of the first answer's snapshot, one after the other.
create function pg_temp.walked(p_arguments text, p_session integer) returns integer[]
language plpgsql
as $$
declare
    v_numbers integer[] := pg_temp.page(p_arguments, p_session);
    v_first jsonb := current_setting('response.headers')::jsonb;
    v_next text := pg_temp.answer('Events-Next');
    v_page integer := pg_temp.answer('Page')::integer;
begin
    while v_next is not null loop
        v_numbers := v_numbers || pg_temp.page(format('p_next => %L', v_next), p_session);
        v_page := v_page + 1;
        if v_first - 2 - 5 <> current_setting('response.headers')::jsonb - 2 - 5
            or pg_temp.answer('Page')::integer <> v_page
        then
            raise exception 'page % says % where the first said %', v_page, current_setting('response.headers'),
            v_first;
        end if;
        v_next := pg_temp.answer('Events-Next');
    end loop;
    return v_numbers;
end;
$$;
select is(pg_temp.walked(w.arguments, w.session), w.expected, 'a walk: ' || w.description)
from (values
    ('p_limit => 2', 1, array[3, 6, 5, 4, 2, 1], 'through ties, without a gap or a repeat'),
    ('p_limit => 1', 1, array[3, 6, 5, 4, 2, 1], 'event by event'),
    ('p_limit => 3', 1, array[3, 6, 5, 4, 2, 1], 'ends with a full page'),
    ('p_limit => 2, p_event_type => ''info''', 1, array[5, 4, 2, 1], 'of a type'),
    ('p_limit => 1, p_since => ''2026-01-13 14:30:02+00''', 1, array[3, 6], 'after since'),
    ('p_limit => 2, p_page => 2', 1, array[5, 4, 2, 1], 'begun with a page by number'),
    ('p_limit => 3', 2, array[108, 107, 106, 105, 104, 103, 102, 101], 'from the end of time to its beginning'),
    ('p_limit => 1, p_event_type => ''error''', 2, array[108, 106, 103], 'there of a type'),
    (format('p_limit => 1, p_cursor => %L', current_setting('test.cursor')), 4, array[403, 401, 402],
        'of what a cursor has left'),
    (
        format('p_limit => 1, p_event_type => ''info'', p_cursor => %L', current_setting('test.cursor')),
        4, array[403, 401], 'of a type'
    )
) as w (arguments, session, expected, description);
select is(
    pg_temp.walked('p_limit => 100', 3), array(select 2050 - n from generate_series(0, 1049) as n),
    'a walk of many pages'
);
select is(
    pg_temp.walked(format('p_limit => 7, p_cursor => %L', pg_temp.cursor_of('3:3:', p_session => 3)), 3),
    array(select 2050 - n from generate_series(0, 1049) as n), 'and of more than a cursor sorts for each page'
);
select pg_temp.page('p_limit => 6');
select is(pg_temp.answer('Events-Next'), null, 'where nothing is left there is no next');
select pg_temp.page('p_page => 9');
select is(pg_temp.answer('Events-Next'), null, 'nor past the end');
select pg_temp.page('p_limit => 2');
select set_config('test.next', pg_temp.answer('Events-Next'), true);
select throws_ok(
    format('select api.session_events(pg_temp.id(1), p_next => %L, %s)', current_setting('test.next'), with_it),
    '22023', 'p_next knows filters, limit and page; give it alone', format('next with %s is refused', with_it)
)
from unnest(array[
    'p_since => now()', 'p_event_type => ''info''', 'p_limit => 2', 'p_page => 2', 'p_cursor => ''x'''
]) as with_it;
select throws_ok(
    format('select api.session_events(pg_temp.id(%s), p_next => %L)', n.session, n.next), n.code, n.message,
    format('%s is refused', n.description)
)
from (values
    (2, current_setting('test.next'), 'SE002', 'The next belongs to another session.', 'next of another session'),
    (1, 'yesterday', 'SE001', 'The next is malformed.', 'what is no next'),
    (1, '', 'SE001', 'The next is malformed.', 'an empty next'),
    (1, left(current_setting('test.next'), -4), 'SE001', 'The next is malformed.', 'next cut off'),
    (4, current_setting('test.cursor'), 'SE001', 'The next is malformed.', 'a cursor as next')
) as n (session, next, code, message, description);
select throws_ok(
    format('select api.session_events(pg_temp.id(1), p_cursor => %L)', current_setting('test.next')),
    'SE001', 'The cursor is malformed.', 'next as cursor is refused'
);
-- An event of somebody else that comes during the walk is written here with an id that the walk has not seen.
select pg_temp.add_event_of('8000000000000000000', 9);
select is(
    pg_temp.page(format('p_next => %L', current_setting('test.next'))), array[5, 4], 'what comes later shifts nothing'
);
select is(pg_temp.answer('Total-Count'), '6', 'and is not counted');
delete from public.events where id = pg_temp.id(9);
delete from public.events where id = pg_temp.id(4);
select is(
    pg_temp.page(format('p_next => %L', current_setting('test.next'))), array[5, 2], 'what is deleted is missing'
);
select pg_temp.add_event(4, pg_temp.at(2));

-- No such session
select throws_ok(
    'select api.session_events(pg_temp.id(9))', 'P0002', 'Session not found: 00000000-0000-4000-8000-000000000009',
    'no such session is an error in SQL'
);
select set_config('request.method', 'GET', true);
select is(pg_temp.page(null, 9), array[]::integer[], 'no such session is no error under PostgREST');
select is(current_setting('response.status'), '404', 'but a status');
select is(pg_temp.answer('Events-Error'), 'P0002', 'with a header that tells it from other 404s');
select is(pg_temp.page('p_cursor => ''yesterday'''), array[]::integer[], 'nor is a malformed cursor');
select is(current_setting('response.status') || pg_temp.answer('Events-Error'), '400SE001', 'but another status');
select set_config('request.method', '', true);

-- Pages that are too large
select pg_temp.add_session(5);
select pg_temp.add_event(
    500 + n, p_message => repeat('€', n * 100), p_data => jsonb_build_object('n', n), p_session => 5
)
from generate_series(1, 6) as n;
select set_config(
    'test.bytes',
    (
        select octet_length(concat('[', string_agg(row_to_json(e)::text, ','), ']'))::text
        from api.session_events(pg_temp.id(5)) as e
    ),
    true
);
select is(
    pg_temp.page(format('p_max_bytes => %s', current_setting('test.bytes')), 5), array[506, 505, 504, 503, 502, 501],
    'a page of exactly the bytes allowed passes'
);
select throws_ok(
    format('select api.session_events(pg_temp.id(5), p_max_bytes => %s)', current_setting('test.bytes')::integer - 1),
    'SE004',
    format(
        'The page is %s bytes, more than the %s that one answer may have; limit=5 fits.',
        current_setting('test.bytes'), current_setting('test.bytes')::integer - 1
    ),
    'one byte more does not, and the message says what would'
);
select lives_ok(
    format(
        'select api.session_events(pg_temp.id(5), p_limit => 5, p_max_bytes => %s)',
        current_setting('test.bytes')::integer - 1
    ),
    'it does'
);
select throws_like(
    'select api.session_events(pg_temp.id(5), p_max_bytes => 1000)',
    '%more than the 1000 that one answer may have, and one of its events alone is larger.',
    'where no limit would do it says so'
);
select is(
    pg_temp.page('p_page => 2, p_max_bytes => 2', 5), array[]::integer[], 'an empty page is never too large'
);
select pg_temp.add_session(6);
select pg_temp.add_event(600 + n, p_data => '{"n": 1e130000}', p_session => 6) from generate_series(1, 3) as n;
select throws_like(
    'select api.session_events(pg_temp.id(6), p_max_bytes => 200000)', '%limit=1 fits.',
    'numbers count as long as they are printed'
);
select pg_temp.add_session(7);
select pg_temp.add_event(700 + n, p_type => repeat(E'\u0001', 100), p_message => null, p_session => 7)
from generate_series(1, 100) as n;
select throws_like(
    'select api.session_events(pg_temp.id(7), p_max_bytes => 60000)', 'The page is % bytes, more than the 60000 %',
    'types count as long as they are printed'
);

-- Where PostgreSQL would run it in parallel
select pg_temp.lives_in_parallel('select api.session_events(''00000000-0000-4000-8000-000000000001'')');

-- A policy that would hide rows: an error, never a short answer.
alter table public.events enable row level security;
set local role session_events_reader;
select throws_ok(
    'select api.session_events(''00000000-0000-4000-8000-000000000001'')', '42501',
    'query would be affected by row-level security policy for table "events"', 'row level security is an error'
);
reset role;

select * from finish();
rollback;
