begin;
\ir fixtures.psql
select plan(25);

-- Contract
select pg_temp.has_contract(
    'events_internal.fit_page(events_internal.walk, bigint, boolean)',
    'p_walk events_internal.walk, p_max_bytes bigint, p_alone boolean, OUT items bytea, OUT returned integer, '
    'OUT next_at timestamp with time zone, OUT next_id uuid, OUT too_large bigint, OUT largest_limit integer',
    'record', 'plpgsql', 'stable', null
);

-- Privileges
select pg_temp.is_private('events_internal.fit_page(events_internal.walk, bigint, boolean)');

-- Behaviour
-- Session 1 is small; 2 is large in the table; 3 is small there and large when printed.
select pg_temp.add_session(n) from generate_series(1, 3) as n;
select pg_temp.add_event(n, p_message => repeat('€', n * 100)) from generate_series(1, 6) as n;
select pg_temp.add_event(20 + n, p_message => m.random, p_session => 2)
from generate_series(1, 4) as n
cross join lateral (
    select string_agg(md5(n::text || i::text), '') as random from generate_series(1, 9000) as i
) as m;
select pg_temp.add_event(30 + n, p_message => repeat('a', 2000000), p_session => 3) from generate_series(1, 3) as n;
create function pg_temp.fitted(
    p_session integer, p_max_bytes bigint, p_alone boolean default true, p_per_page integer default 100
) returns text
language sql
return (
    select concat_ws(
        '|', coalesce(pg_temp.numbers(f.items)::text, 'no items'), f.returned, right(f.next_id::text, 2), f.too_large,
        f.largest_limit
    )
    from events_internal.fit_page(
        pg_temp.walk(jsonb_build_object('session_id', pg_temp.id(p_session), 'per_page', p_per_page)), p_max_bytes,
        p_alone
    ) as f
);
create function pg_temp.bytes(p_session integer) returns bigint
language sql
return (
    select length(f.items)
    from events_internal.fit_page(
        pg_temp.walk(jsonb_build_object('session_id', pg_temp.id(p_session))), 100000000, true
    ) as f
);
select is(pg_temp.fitted(1, 1000000), '{6,5,4,3,2,1}|6', 'a page that fits is printed');
select is(pg_temp.fitted(1, 1000000, p_per_page => 2), '{6,5}|2|04', 'with the event that the next one begins with');
select is(pg_temp.fitted(1, 1000000, false), '{6,5,4,3,2,1}|6', 'in a shared call as well');
select is(
    array[pg_temp.fitted(s.session, pg_temp.bytes(s.session)), pg_temp.fitted(s.session, pg_temp.bytes(s.session) - 1)],
    array[
        format('%s|%s', s.numbers, cardinality(s.numbers)),
        format('no items|%s|%s|%s', cardinality(s.numbers), pg_temp.bytes(s.session), s.fits)
    ],
    format('session %s fits to the last byte, and not with one less', s.session)
)
from (
    values (1, array[6, 5, 4, 3, 2, 1], 5), (2, array[24, 23, 22, 21], 3), (3, array[33, 32, 31], 2)
) as s (session, numbers, fits);
select is(
    pg_temp.fitted(s.session, s.max_bytes), format('no items|%s|%s', s.returned, pg_temp.bytes(s.session)),
    format('where one event of session %s alone is too large no limit is named', s.session)
)
from (values (1, 1000, 6), (2, 1000, 4), (3, 1000, 3)) as s (session, max_bytes, returned);
select is(
    pg_temp.fitted(2, 100000000, false), 'no items|4',
    'what is more than 64 kB in the table is too much for a shared call'
);
select is(pg_temp.fitted(2, 1000, false), 'no items|4', 'whether it would fit or not');
select is(
    (select f from events_internal.fit_page(null, 1000, true) as f)::text, '(,,,,,)', 'without a walk there is no page'
);
-- 64 kB to the byte: what is neither packed nor kept in the row takes as many bytes as it has.
alter table public.events alter column message set storage external;
delete from public.events where session_id = pg_temp.id(1);
select pg_temp.add_event(1);
update public.events set message = repeat('a', 65536 - pg_column_size(event_data)) where id = pg_temp.id(1);
select is(pg_temp.fitted(1, 100000000, false), '{1}|1', '64 kB are not too much for a shared call');
update public.events set message = message || 'a' where id = pg_temp.id(1);
select is(pg_temp.fitted(1, 100000000, false), 'no items|1', 'one byte more is');
select is(pg_temp.fitted(1, 100000000), '{1}|1', 'though not alone');

select * from finish();
rollback;
