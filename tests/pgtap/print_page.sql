begin;
\ir fixtures.psql
select plan(22);

-- Contract
select pg_temp.has_contract(
    'events_internal.print_page(events_internal.walk, bigint)',
    'p_walk events_internal.walk, p_most_stored bigint, OUT items bytea, OUT ids uuid[], '
    'OUT stored bigint, OUT next_at timestamp with time zone, OUT next_id uuid',
    'record', 'plpgsql', 'stable', null
);

-- Privileges
select pg_temp.is_private('events_internal.print_page(events_internal.walk, bigint)');

-- Behaviour
select pg_temp.add_session();
select pg_temp.add_event(n, p_message => repeat('€', n * 10)) from generate_series(1, 5) as n;
create temporary table printed as
select w.per_page, w.most_stored, p.*
from (values (100, 1000000), (5, 1000000), (4, 1000000), (2, 1000000), (2, 0)) as w (per_page, most_stored)
cross join lateral events_internal.print_page(
    pg_temp.walk(jsonb_build_object('per_page', w.per_page)), w.most_stored
) as p;
select is(
    convert_from(items, 'UTF8'),
    (
        select concat('[', string_agg(events_internal.event_json(e), ','), ']')
        from events_internal.page_events(pg_temp.walk()) as e
    ),
    'a page is the JSON of its events with commas between them, in brackets'
)
from printed
where per_page = 100;
select is(pg_temp.numbers(p.items), e.numbers, format('a page of %s has them in order', e.per_page))
from (values (100, array[5, 4, 3, 2, 1]), (5, array[5, 4, 3, 2, 1]), (2, array[5, 4])) as e (per_page, numbers)
join printed as p on p.per_page = e.per_page and p.most_stored > 0;
select is(p.next_id, e.next_id, format('after a page of %s comes %s', e.per_page, e.next_id))
from (values (100, null), (5, null), (4, pg_temp.id(1)), (2, pg_temp.id(3))) as e (per_page, next_id)
join printed as p on p.per_page = e.per_page and p.most_stored > 0;
select is(next_at, pg_temp.at(1), 'with its time') from printed where per_page = 4 and most_stored > 0;
select is(
    p.stored,
    (
        select sum(pg_column_size(e.event_data) + pg_column_size(e.message))::bigint
        from public.events as e
        where e.id = any (p.ids)
    ),
    'what it takes in the table is known'
)
from printed as p
where p.per_page = 4 and p.most_stored > 0;
select is(convert_from(items, 'UTF8'), '[]', 'past the bytes that it may take nothing is printed')
from printed where most_stored = 0;
select is(ids, array[pg_temp.id(5), pg_temp.id(4)], 'but known') from printed where most_stored = 0;

select * from finish();
rollback;
