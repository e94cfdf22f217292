begin;
\ir fixtures.psql
select plan(19);

-- Contract
select pg_temp.has_contract(
    'events_internal.largest_limit(bigint[], bigint)', 'p_ends bigint[], p_max_bytes bigint', 'integer', 'plpgsql',
    'immutable'
);

-- Privileges
select pg_temp.is_private('events_internal.largest_limit(bigint[], bigint)');

-- Behaviour
select pg_temp.add_session();
-- All that makes JSON longer than what is stored: escapes, several bytes for a character, numbers, compression.
select pg_temp.add_event(e.number, p_message => e.message, p_data => e.data::jsonb)
from (values
    (1, null, '{}'),
    (2, '', '{"a": [1, 2.50, true, null, "x"]}'),
    (3, E'quote " backslash \\ tab \t newline \n bell \u0007', '{"text": "\u0007\"\\"}'),
    (4, repeat('€', 5000), '{"text": "€"}'),
    (5, repeat('a', 100000), format('{"text": "%s"}', repeat('b', 100000))),
    (6, 'number', '{"n": 1e400, "m": 9223372036854775808}')
) as e (number, message, data);

-- What the client gets for these events.
create function pg_temp.bytes(p_numbers integer[]) returns integer
language sql
return (
    select octet_length(concat('[', string_agg(events_internal.event_json(e), ','), ']'))
    from unnest(p_numbers) as number
    join lateral events_internal.page_events(pg_temp.walk()) as e on e.id = pg_temp.id(number)
);
-- 0 where no limit would do.
create function pg_temp.fits(p_numbers integer[], p_max_bytes integer) returns integer
language sql
return coalesce(
    events_internal.largest_limit(
        array(
            select pg_temp.bytes(p_numbers[:last])::bigint - 1
            from generate_series(1, cardinality(p_numbers)) as last
            order by last
        ),
        p_max_bytes
    ),
    0
);

select is(events_internal.largest_limit(array[10, 20, 30], 21), 2, 'a limit is how many fit, wherever a page begins');
select is(events_internal.largest_limit('{}', 1), null, 'of no events there is none');
select is(pg_temp.fits(array[1, 2], 10), 0, 'where one event alone is too large no limit fits');
select is(pg_temp.fits(array[1, 2], 100000), 2, 'where all fit, so does a page of all');

-- For every bound and every order of uneven events: the limit named fits wherever a page begins, the next one does not.
create temporary table trial as
select o.numbers, bound, pg_temp.fits(o.numbers, bound) as fits
from (values
    (array[1, 2, 3, 6, 1, 2, 3, 6]), (array[4, 1, 2, 3, 6, 1, 1, 1]), (array[1, 1, 1, 4, 1, 1, 1]),
    (array[1, 1, 1, 2, 3, 4])
) as o (numbers)
cross join lateral generate_series(100, pg_temp.bytes(o.numbers) + 50, 97) as bound;
create function pg_temp.largest_window(p_numbers integer[], p_size integer) returns integer
language sql
return (
    select max(pg_temp.bytes(p_numbers[first : first + p_size - 1]))
    from generate_series(1, cardinality(p_numbers) - p_size + 1) as first
);
select cmp_ok((select count(distinct fits) from trial)::integer, '>=', 6, 'the trial has bounds of all kinds');
select is_empty(
    'select * from trial where fits > 0 and pg_temp.largest_window(numbers, fits) > bound',
    'the limit that it names fits, wherever a page begins'
);
select is_empty(
    $$
    select * from trial where fits < cardinality(numbers) and pg_temp.largest_window(numbers, fits + 1) <= bound
    $$,
    'and it is the largest that does'
);
select is_empty(
    $$
    select o.numbers, size
    from (select distinct numbers from trial) as o
    cross join lateral generate_series(1, cardinality(o.numbers)) as size
    cross join lateral (select pg_temp.largest_window(o.numbers, size) as bytes) as w
    where pg_temp.fits(o.numbers, w.bytes) < size or pg_temp.fits(o.numbers, w.bytes - 1) >= size
    $$,
    'to the byte'
);
select is_empty(
    'select * from trial where (fits = cardinality(numbers)) <> (pg_temp.bytes(numbers) <= bound)',
    'all fit where the page does, and only there'
);

select * from finish();
rollback;
