begin;
\ir fixtures.psql
select plan(23);

-- Contract
select has_function('events_internal', 'check_page_size', 'events_internal.check_page_size() is there');
select pg_temp.has_contract(
    'events_internal.check_page_size(uuid[], bigint)', 'p_ids uuid[], p_max_bytes bigint',
    'void', 'plpgsql', 'stable', false, array[pg_temp.search_path()]
);

-- Privileges
select pg_temp.is_private('events_internal.check_page_size(uuid[], bigint)');

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

-- What PostgREST sends for these events: json_agg() of the rows of the API.
create function pg_temp.bytes(p_numbers integer[]) returns integer
language sql
return (
    select octet_length(coalesce(json_agg(row.event order by row.position)::text, '[]'))
    from (
        select
            listed.position,
            row(
                e.id, e.session_id, e.step_id, e.event_type, events_internal.iso_timestamp(e."timestamp"), e.message, e.event_data
            )::api.session_event as event
        from unnest(p_numbers) with ordinality as listed (number, position)
        join public.events as e on e.id = pg_temp.id(listed.number)
    ) as row
);
create function pg_temp.ids(p_numbers integer[]) returns uuid[]
language sql
return array(select pg_temp.id(number) from unnest(p_numbers) with ordinality as n (number, position) order by n.position);

-- The limit that the error names; null where there is no error, 0 where no limit would do.
create function pg_temp.fits(p_numbers integer[], p_max_bytes integer) returns integer
language plpgsql
as $$
begin
    perform events_internal.check_page_size(pg_temp.ids(p_numbers), p_max_bytes);
    return null;
exception
    when sqlstate 'SE004' then return coalesce(substring(sqlerrm from 'limit=(\d+) fits')::integer, 0);
end;
$$;

select is(
    array[pg_temp.fits(p.numbers, pg_temp.bytes(p.numbers)), pg_temp.fits(p.numbers, pg_temp.bytes(p.numbers) - 1)],
    array[null, p.fits],
    format('the bytes of events %s are known to the last one', p.numbers)
)
from (values
    (array[1], 0), (array[3], 0), (array[4], 0), (array[5], 0), (array[6], 0), (array[6, 5, 4, 3, 2, 1], 5), (array[1, 5, 1], 2)
) as p (numbers, fits);
select lives_ok('select events_internal.check_page_size(array[]::uuid[], 2)', 'an empty page has two bytes');

select throws_ok(
    'select events_internal.check_page_size(pg_temp.ids(array[1, 2]), 10)', 'SE004',
    format(
        'The page is %s bytes, more than the 10 that one answer may have, and one of its events alone is larger.',
        pg_temp.bytes(array[1, 2])
    ),
    'where one event alone is too large no limit is named'
);

-- For every bound and every order of uneven events: the limit named fits wherever a page begins, the next one does not.
create temporary table trial as
select o.numbers, bound, pg_temp.fits(o.numbers, bound) as fits
from (values
    (array[1, 2, 3, 6, 1, 2, 3, 6]), (array[4, 1, 2, 3, 6, 1, 1, 1]), (array[1, 1, 1, 4, 1, 1, 1]), (array[1, 1, 1, 2, 3, 4])
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
    'the limit that the message names fits, wherever a page begins'
);
select is_empty(
    'select * from trial where fits is not null and pg_temp.largest_window(numbers, fits + 1) <= bound',
    'and it is the largest that does'
);
select is_empty(
    'select * from trial where (fits is null) <> (pg_temp.bytes(numbers) <= bound)', 'only what is larger than the bound is refused'
);

select * from finish();
rollback;
