-- What each poll is answered is in answers.sql and session_events.sql; here is how several answers become bytes.
begin;
\ir fixtures.psql
select plan(57);

-- Contract
select pg_temp.has_contract(
    'api.answer_polls(text, bigint, text)',
    'p_polls text, p_max_bytes bigint DEFAULT 134217728, p_way text DEFAULT ''shared''::text',
    'api."application/octet-stream"', 'plpgsql', 'volatile'
);
select is(
    format_type(t.typbasetype, t.typtypmod), 'bytea', 'its result is bytes, which PostgREST hands over as they are'
)
from pg_type as t
where t.oid = 'api."application/octet-stream"'::regtype;

-- Privileges
select pg_temp.is_granted_to('api.answer_polls(text, bigint, text)', array['session_events_reader']);

-- Behaviour
create function pg_temp.encoded(p_polls jsonb) returns text
language sql
return translate(encode(convert_to(p_polls::text, 'UTF8'), 'base64'), E'+/=\n', '-_');
-- The body taken apart, as the proxy does it: a line of JSON, then as many bytes for each answer as it says.
create function pg_temp.answers(p_polls jsonb, p_way text default 'shared', p_max_bytes bigint default 1000000)
returns table (place bigint, answer jsonb, items text)
language sql volatile
begin atomic
    select
        head.place, head.answer,
        convert_from(substr(body.bytes, body.line_end + head.ends - head.size + 1, head.size), 'UTF8')
    from (
        select called.bytes, position('\x0a'::bytea in called.bytes) as line_end
        from (
            select api.answer_polls(pg_temp.encoded(p_polls), p_max_bytes, p_way)::bytea as bytes offset 0
        ) as called
    ) as body
    cross join lateral (
        select
            a.place, a.answer, coalesce((a.answer ->> 'items')::integer, 0) as size,
            sum(coalesce((a.answer ->> 'items')::integer, 0)) over (order by a.place)::integer as ends
        from jsonb_array_elements(convert_from(substr(body.bytes, 1, body.line_end), 'UTF8')::jsonb -> 'answers')
            with ordinality as a (answer, place)
    ) as head
    order by head.place;
end;
create function pg_temp.asking(p_poll jsonb default '{}', p_session integer default 1) returns jsonb
language sql
return jsonb_build_object('session_id', pg_temp.id(p_session), 'limit', '100', 'page', '1') || p_poll;

select pg_temp.add_session(1);
select pg_temp.add_session(2, 'completed');
select pg_temp.add_session(3);
update public.sessions set project_path = E'/srv/"käse"\\\u0001/🏭/日本' where id = pg_temp.id(2);
select pg_temp.add_event(n, p_type => case when n % 2 = 0 then 'even' else 'odd' end) from generate_series(1, 5) as n;
select pg_temp.add_event(
    6, p_message => E'€ü🏭\n"\\', p_data => '{"n": 1e400, "text": "日本\u0007"}', p_session => 2
);

-- One poll
select results_eq(
    $$
    select
        array(select k from jsonb_object_keys(a.answer) as k order by k),
        a.answer - array['cursor', 'next', 'items', 'session']
    from pg_temp.answers(jsonb_build_array(pg_temp.asking('{"limit": "2"}'))) as a
    $$,
    $$
    values (
        array['cursor', 'ended', 'items', 'next', 'page', 'per_page', 'returned', 'session', 'timestamp', 'total'],
        jsonb_build_object(
            'returned', 2, 'total', 5, 'page', 1, 'per_page', 2, 'ended', false,
            'timestamp', events_internal.iso_timestamp(transaction_timestamp() - interval '1 microsecond')
        )
    )
    $$,
    'an answer is the object that the proxy reads'
);
select is(a.answer ->> 'next' ~ '^[A-Za-z0-9_-]{100,}$', true, 'with a next that is safe in a URL')
from pg_temp.answers(jsonb_build_array(pg_temp.asking('{"limit": "2"}'))) as a;
select is(a.answer -> 'next', 'null', 'on the last page it is null')
from pg_temp.answers(jsonb_build_array(pg_temp.asking())) as a;
select is(
    (a.answer ->> 'session')::jsonb,
    jsonb_build_object(
        'status', 'completed', 'ended', true, 'session_type', 'unit_tests',
        'project_path', E'/srv/"käse"\\\u0001/🏭/日本',
        'created_at', '2026-01-13T14:30:00.000000Z', 'completed_at', null
    ),
    'the session is JSON text, whatever its path'
)
from pg_temp.answers(jsonb_build_array(pg_temp.asking(p_session => 2))) as a;
select matches(
    convert_from(api.answer_polls(pg_temp.encoded(jsonb_build_array(pg_temp.asking(p_session => 9)))), 'UTF8'),
    '^{"answers":\[{"code" : "P0002", "message" : "Session not found: 00000000-0000-4000-8000-000000000009", '
    || '"hint" : "Check the id of the session; it may have been deleted.", "largest_limit" : null}\],'
    || '"seconds":[0-9]+\.[0-9]+}\n$',
    'a refusal is its object, and no more'
);
select matches(
    convert_from(api.answer_polls(pg_temp.encoded('[]')), 'UTF8'), '^{"answers":\[\],"seconds":[0-9]+\.[0-9]+}\n$',
    'no poll has no answer'
);

-- Several at once, of all kinds
create temporary table mixed as
select
    row_number() over () as place, m.*
from (values
    (pg_temp.asking('{"limit": "2"}'), null),
    (pg_temp.asking('{"cursor": "x"}'), 'SE001'),
    (pg_temp.asking(p_session => 2), null),
    (pg_temp.asking(p_session => 9), 'P0002'),
    (pg_temp.asking(jsonb_build_object('cursor', pg_temp.cursor_of('5:9:', p_session => 2))), 'SE002'),
    (pg_temp.asking(p_session => 3), null),
    (
        pg_temp.asking(
            jsonb_build_object(
                'cursor', pg_temp.cursor_of('5:9:', pg_temp.moment('{"history_id": "7.1.5.6.00c0ffee"}'))
            )
        ),
        'SE003'
    ),
    (pg_temp.asking('{"event_type": "even"}'), null),
    (pg_temp.asking('{"since": "2026-01-13T14:30:03Z"}'), null),
    (pg_temp.asking(jsonb_build_object('cursor', pg_temp.cursor_of('5:9:', p_session => 2)), 2), null),
    (pg_temp.asking('{"limit": "2", "page": "2"}'), null),
    (pg_temp.asking('{"limit": "2"}'), null)
) as m (poll, code);
create temporary table answered as
select a.* from pg_temp.answers((select jsonb_agg(poll order by place) from mixed)) as a;
select is((select count(*) from answered), (select count(*) from mixed), 'there is one object a poll');
select is(a.answer ->> 'code', m.code, format('%s: its own answer, in its own place', m.poll))
from mixed as m
join answered as a using (place)
order by place;
select is(
    (
        select octet_length(body) - position('\x0a'::bytea in body)
        from (select api.answer_polls(pg_temp.encoded(jsonb_agg(poll order by place)))::bytea as body from mixed) as b
    ),
    (select sum((answer ->> 'items')::integer)::integer from answered),
    'the bytes of the items add up to the body'
);

-- Each answer is what session_events() says.
create function pg_temp.of_session_events(p_poll jsonb) returns jsonb
language plpgsql
as $$
declare
    v_items jsonb;
begin
    select coalesce(jsonb_agg(e), '[]')
    into v_items
    from api.session_events(
        (p_poll ->> 'session_id')::uuid, (p_poll ->> 'since')::timestamptz, p_poll ->> 'event_type',
        (p_poll ->> 'limit')::bigint,
        (p_poll ->> 'page')::bigint, p_poll ->> 'cursor'
    ) as e;
    return jsonb_build_object(
        'items', v_items, 'total', pg_temp.answer('Total-Count')::integer, 'page', pg_temp.answer('Page')::integer,
        'per_page', pg_temp.answer('Per-Page')::integer, 'next', pg_temp.answer('Events-Next'),
        'status', pg_temp.answer('Session-Status'), 'timestamp', pg_temp.answer('Events-Timestamp'),
        'cursor', pg_temp.answer('Events-Cursor')
    );
end;
$$;
-- What is on disk, and where in the WAL, differs from call to call: of the cursor what it has told, and of whom.
create function pg_temp.lasting(p_answer jsonb) returns jsonb
language sql
return (
    select p_answer - 'next' || jsonb_build_object('cursor', array[
        split_part(t.head, ' ', 2), split_part(t.head, ' ', 3), split_part(t.head, ' ', 5),
        encode(substr(t.bytes, length(t.bytes) - 23, 16), 'hex')
    ])
    from (
        select c.bytes, encode(substr(c.bytes, 1, length(c.bytes) - 24), 'escape') as head
        from (select decode(translate(p_answer ->> 'cursor', '-_', '+/'), 'base64') as bytes) as c
    ) as t
);
select is(
    pg_temp.lasting(
        a.answer - array['ended', 'returned', 'session']
        || jsonb_build_object('items', a.items::jsonb, 'status', (a.answer ->> 'session')::jsonb ->> 'status')
    ),
    pg_temp.lasting(pg_temp.of_session_events(m.poll)), format('%s: the same as session_events() answers', m.poll)
)
from mixed as m
join answered as a using (place)
where m.code is null
order by place;
select is_empty(
    $$
    select place
    from answered
    where answer ? 'items' and (answer ->> 'returned')::integer <> jsonb_array_length(items::jsonb)
    $$,
    'returned counts the items'
);
select is(
    (
        select count(distinct regexp_replace(answer ->> 'cursor', '.{32}$', ''))::integer
        from answered
        where answer ? 'cursor'
    ),
    1,
    'all are of one snapshot: their cursors differ in their session only'
);

-- Too large, too much
select pg_temp.add_session(4);
select pg_temp.add_event(400 + n, p_session => 4) from generate_series(1, 101) as n;
select results_eq(
    $$
    select a.answer ->> 'way', a.answer ->> 'returned'
    from pg_temp.answers(jsonb_build_array(pg_temp.asking('{"limit": "101"}', 4), pg_temp.asking())) as a
    $$,
    $$ values ('alone', null), (null, '5') $$,
    'what is too much for a shared call has to be asked alone; the others are answered'
);
select is(a.answer ->> 'returned', '101', 'alone it is answered')
from pg_temp.answers(jsonb_build_array(pg_temp.asking('{"limit": "101"}', 4)), 'alone') as a;
select is(
    array(
        select concat_ws(
            ' ', a.answer ->> 'code', a.answer ->> 'largest_limit', a.answer ->> 'returned'
        )
        from pg_temp.answers(
            jsonb_build_array(pg_temp.asking(), pg_temp.asking('{"limit": "1"}'), pg_temp.asking(p_session => 3)),
            way, 500
        ) as a
        order by a.place
    ),
    array['SE004 2', '1', '0'], format('%s, what is too large is refused', way)
)
from unnest(array['shared', 'alone', 'large']) as way;
select is(max(o.answered), min(o.answered), 'null bytes are as many as by default')
from (
    select regexp_replace(convert_from(b.bytes, 'UTF8'), '"(seconds|cursor)":("\w+"|[0-9.]+)', '', 'g') as answered
    from pg_temp.encoded(jsonb_build_array(pg_temp.asking())) as polls
    cross join lateral (
        values (api.answer_polls(polls, null)::bytea), (api.answer_polls(polls)::bytea)
    ) as b (bytes)
) as o;

-- Where PostgreSQL would run it in parallel
select pg_temp.lives_in_parallel(
    format('select api.answer_polls(%L)', pg_temp.encoded(jsonb_build_array(pg_temp.asking(
        jsonb_build_object('cursor', pg_temp.cursor_of('5:9000000000000000000:'))
    ))))
);

-- The walk
create function pg_temp.walked(p_poll jsonb) returns integer[]
language plpgsql
as $$
declare
    v_numbers integer[] := '{}';
    v_poll jsonb := p_poll;
    v_answer record;
begin
    while v_poll is not null loop
        select * into strict v_answer from pg_temp.answers(jsonb_build_array(v_poll), 'large');
        v_numbers := v_numbers || pg_temp.numbers(convert_to(v_answer.items, 'UTF8'));
        v_poll := jsonb_build_object('session_id', p_poll ->> 'session_id', 'next', v_answer.answer ->> 'next');
        exit when v_answer.answer ->> 'next' is null;
    end loop;
    return v_numbers;
end;
$$;
select is(
    pg_temp.walked(pg_temp.asking('{"limit": "2"}')), array[5, 4, 3, 2, 1], 'a walk is asked for with next alone'
);

-- What is no array of polls, or holds what the proxy never sends
select throws_ok(
    format('select api.answer_polls(%L)', p.polls), p.code, null, format('%s is an error', coalesce(p.polls, 'null'))
)
from (values
    ('yesterday', '22023'), ('%%%%', '22023'), (pg_temp.encoded('"x"'), '22023'), (pg_temp.encoded('[1]'), '22023'),
    (pg_temp.encoded('[{"session_id": "x"}]'), '22P02'),
    (pg_temp.encoded(jsonb_build_array(pg_temp.asking('{"limit": "ten"}'))), '22P02'),
    (pg_temp.encoded(jsonb_build_array(pg_temp.asking('{"limit": "-5"}'))), '2201W'),
    (pg_temp.encoded(jsonb_build_array(pg_temp.asking('{"page": "0"}'))), '2201X')
) as p (polls, code);

select * from finish();
rollback;
