begin;
\ir fixtures.psql
select plan(43);

-- Contract
select pg_temp.has_contract(
    'events_internal.print_page(events_internal.walk, bigint, bigint, text)',
    'p_walk events_internal.walk, p_max_bytes bigint, p_most_printed bigint, p_seal_key text', 'events_internal.page',
    'plpgsql', 'stable', null
);

-- Privileges
select pg_temp.is_private('events_internal.print_page(events_internal.walk, bigint, bigint, text)');

-- Behaviour
-- Session 1 is small, 2 large; 3 and 4 are small in the table and large when printed.
select pg_temp.add_session(n) from generate_series(1, 5) as n;
select pg_temp.add_event(n, p_message => repeat('€', n * 100)) from generate_series(1, 6) as n;
select pg_temp.add_event(20 + n, p_message => m.random, p_session => 2)
from generate_series(1, 4) as n
cross join lateral (
    select string_agg(md5(n::text || i::text), '') as random from generate_series(1, 9000) as i
) as m;
select pg_temp.add_event(300 + n, p_message => repeat('a', 40000), p_session => 3) from generate_series(1, 100) as n;
select pg_temp.add_event(40 + n, p_data => d.numbers, p_session => 4)
from generate_series(1, 3) as n
cross join (select jsonb_agg('{"n": 1e131071}'::jsonb) as numbers from generate_series(1, 10)) as d;
-- Where the page after it begins.
create function pg_temp.after(p_page events_internal.page) returns jsonb
language sql
return (
    select to_jsonb(events_internal.continued_walk(o.fields, pg_temp.id(1)))
    from events_internal.open_token(p_page.next, pg_temp.id(1), '2w', '7.1.5.6.00c0ffee', 'key') as o
);
create function pg_temp.printed(
    p_session integer, p_max_bytes bigint, p_most_printed bigint default null, p_per_page integer default 100
) returns text
language sql
return (
    select concat_ws(
        '|', coalesce(pg_temp.numbers(p.items)::text, 'no items'), p.returned,
        right(pg_temp.after(p) ->> 'start_id', 2), p.too_large, p.largest_limit
    )
    from events_internal.print_page(
        pg_temp.walk(jsonb_build_object('session_id', pg_temp.id(p_session), 'per_page', p_per_page)), p_max_bytes,
        p_most_printed, 'key'
    ) as p
);
create function pg_temp.json(p_session integer) returns text
language sql
return (
    select concat('[', string_agg(events_internal.event_json(e), ','), ']')
    from events_internal.page_events(pg_temp.walk(jsonb_build_object('session_id', pg_temp.id(p_session)))) as e
);
create function pg_temp.bytes(p_session integer) returns bigint
language sql
return octet_length(pg_temp.json(p_session));
select is(
    convert_from(p.items, 'UTF8'), pg_temp.json(1),
    'a page is the JSON of its events with commas between them, in brackets'
)
from events_internal.print_page(pg_temp.walk(), 1000000, null, 'key') as p;
select is(
    pg_temp.printed(1, 1000000, most, p.per_page), p.expected,
    format('a page of %s says what comes after it, whatever it may print: %s', p.per_page, coalesce(most, 0))
)
from (values
    (100, '{6,5,4,3,2,1}|6'), (6, '{6,5,4,3,2,1}|6'), (5, '{6,5,4,3,2}|5|01'), (2, '{6,5}|2|04')
) as p (per_page, expected)
cross join unnest(array[null, 65536]) as most;
select is((pg_temp.after(p) ->> 'start_at')::timestamptz, pg_temp.at(4), 'with its time')
from events_internal.print_page(pg_temp.walk('{"per_page": 2}'), 1000000, null, 'key') as p;
select is(p.next, null, 'a page that does not fit has none')
from events_internal.print_page(pg_temp.walk('{"per_page": 2}'), 100, null, 'key') as p;
select is(pg_temp.printed(5, 1), '{}|0', 'a page of nothing fits everywhere');
select is(
    array[
        pg_temp.printed(s.session, pg_temp.bytes(s.session)), pg_temp.printed(s.session, pg_temp.bytes(s.session) - 1)
    ],
    array[
        format('%s|%s', s.numbers, cardinality(s.numbers)),
        format('no items|%s|%s|%s', cardinality(s.numbers), pg_temp.bytes(s.session), cardinality(s.numbers) - 1)
    ],
    format('session %s fits to the last byte, and not with one less', s.session)
)
from (values
    (1, array[6, 5, 4, 3, 2, 1]), (2, array[24, 23, 22, 21]), (3, array(select generate_series(400, 301, -1))),
    (4, array[43, 42, 41])
) as s (session, numbers);
select is(
    pg_temp.printed(s.session, 1000), format('no items|%s|%s', s.returned, pg_temp.bytes(s.session)),
    format('where one event of session %s alone is too large no limit is named', s.session)
)
from (values (1, 6), (2, 4), (3, 100), (4, 3)) as s (session, returned);

-- Nothing is printed after what is too much.
select cmp_ok(
    (
        select sum(pg_column_size(e.message) + pg_column_size(e.event_data))
        from public.events as e
        where e.session_id = pg_temp.id(s.session)
    ), '<', 65536::bigint, format('session %s takes less than 64 kB in the table', s.session)
)
from (values (3), (4)) as s (session);
select is(
    pg_temp.printed(s.session, m.max_bytes, s.most), s.expected,
    format('of session %s no more than %s bytes are printed, where a page may have %s', s.session, s.most, m.max_bytes)
)
from (values
    (1, 5000, 'no items|3'), (3, 65536, 'no items|2'), (4, 65536, 'no items|1'), (3, 1048576, 'no items|27')
) as s (session, most, expected)
cross join unnest(array[1000, 100000000]) as m (max_bytes);
select pg_temp.add_event(50, p_session => 5);
update public.events
set message = message || repeat('a', 65536 - pg_temp.bytes(5)::integer)
where id = pg_temp.id(50);
select is(pg_temp.printed(5, 100000000, 65536), '{50}|1', '64 kB are not more than 64 kB');
update public.events set message = message || 'a' where id = pg_temp.id(50);
select is(pg_temp.printed(5, 100000000, 65536), 'no items|1', 'one byte more is');
select is(pg_temp.printed(5, 100000000), '{50}|1', 'without such a bound it is printed');

select * from finish();
rollback;
