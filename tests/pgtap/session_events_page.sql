begin;
\ir fixtures.psql
select plan(32);

-- Contract
select has_function('events_internal', 'session_events_page', 'events_internal.session_events_page() is there');
select pg_temp.has_contract(
    'events_internal.session_events_page(uuid, timestamptz, text, pg_snapshot, integer, bigint, bigint, boolean, timestamptz, timestamptz)',
    'p_session_id uuid, p_since timestamp with time zone, p_event_type text, p_seen pg_snapshot, p_per_page integer, '
    'p_page bigint, p_max_bytes bigint, p_in_recovery boolean, p_read_at timestamp with time zone, p_horizon timestamp with time zone',
    'SETOF api.session_event', 'plpgsql', 'stable', false,
    array[
        pg_temp.search_path(), 'plan_cache_mode=force_generic_plan', 'enable_seqscan=off', 'enable_bitmapscan=off', 'enable_sort=off',
        'enable_incremental_sort=off', 'random_page_cost=0', 'seq_page_cost=0', 'cpu_operator_cost=0', 'jit=off'
    ]
);

-- Privileges
select pg_temp.is_private(
    'events_internal.session_events_page(uuid, timestamptz, text, pg_snapshot, integer, bigint, bigint, boolean, timestamptz, timestamptz)'
);

-- Behaviour
select pg_temp.add_session(1, p_created_at => '2026-01-13 12:00:00+00');
select pg_temp.add_event(n, p_type => case when n % 2 = 0 then 'even' else 'odd' end) from generate_series(1, 5) as n;

create function pg_temp.call(
    p_since timestamptz default null,
    p_type text default null,
    p_seen pg_snapshot default null,
    p_per_page integer default 100,
    p_page bigint default 1,
    p_read_at timestamptz default '2026-01-13 15:00:00+00',
    p_horizon timestamptz default '2026-01-13 15:00:00+00'
) returns integer[]
language sql
return array(
    select right(e.id::text, 12)::integer
    from events_internal.session_events_page(
        pg_temp.id(1), p_since, p_type, p_seen, p_per_page, p_page, 1000000, false, p_read_at, p_horizon
    ) as e
);

select is(pg_temp.call(), array[5, 4, 3, 2, 1], 'all events, newest first');
select is(pg_temp.call(p_type => 'odd', p_per_page => 2), array[5, 3], 'filter, then limit');
select is(pg_temp.call(p_since => pg_temp.at(3), p_page => 2, p_per_page => 1), array[4], 'since, then page');
select is(pg_temp.answer('Total-Count'), '2', 'total counts what is after since');
select is(pg_temp.answer('Per-Page'), '1', 'per page is handed back');

-- The snapshot of a cursor: 1:1: has seen nothing, the last possible one everything.
select is(pg_temp.call(p_seen => '1:1:'), array[5, 4, 3, 2, 1], 'a snapshot that saw nothing leaves everything');
select is(
    pg_temp.call(p_seen => '9000000000000000000:9000000000000000000:'), array[]::integer[],
    'a snapshot that saw everything leaves nothing'
);
select is(
    pg_temp.call(p_seen => format('%1$s:9000000000000000000:%1$s', pg_current_xact_id())::pg_snapshot, p_type => 'even'),
    array[4, 2],
    'a writer that was in flight then is told now'
);
insert into public.events (id, session_id, event_type, event_data, "timestamp", insert_xid)
values
    (pg_temp.id(6), pg_temp.id(1), 'odd', '{}', pg_temp.at(6), '8000000000000000000'),
    (pg_temp.id(7), pg_temp.id(1), 'odd', '{}', pg_temp.at(7), '3');
select is(pg_temp.call(p_per_page => 2), array[7, 6], 'rows restored from another database are there');
select is(
    pg_temp.call(p_seen => '4:4:'), array[5, 4, 3, 2, 1], 'but a cursor does not tell those of ids not given out yet again and again'
);
select is(pg_temp.call(p_seen => '1:1:', p_per_page => 1), array[7], 'while ids of the past are told');
select is(pg_temp.answer('Total-Count'), '6', 'and counted');

-- The time for the next since, from the time of the request and the start of the oldest writer.
select results_eq(
    format(
        'select pg_temp.call(p_since => %L, p_read_at => %L, p_horizon => %L) is null, pg_temp.answer(''Events-Timestamp'')',
        t.since, '2026-01-13 15:00:00+00', t.horizon
    ),
    format('values (false, %L)', t.expected),
    t.description
)
from (values
    (null, '2026-01-13 15:00:00+00', '2026-01-13T14:59:59.999999Z', 'no writer: strictly before the request'),
    (null, '2026-01-13 14:00:00+00', '2026-01-13T13:59:59.999999Z', 'a writer: strictly before its start'),
    ('2026-01-13 13:00:00+00', '2026-01-13 14:00:00+00', '2026-01-13T13:59:59.999999Z', 'since before the writer: the same'),
    ('2026-01-13 14:30:00+00', '2026-01-13 14:00:00+00', '2026-01-13T14:30:00.000000Z', 'since after its start: never back'),
    ('2026-01-13 14:00:00+00', '2026-01-13 14:00:00+00', '2026-01-13T14:00:00.000000Z', 'since at its start: never back'),
    ('2026-01-13 15:00:00+00', '2026-01-13 15:00:00+00', '2026-01-13T14:59:59.999999Z', 'since now: never later than the request'),
    ('2099-01-01 00:00:00+00', '2026-01-13 14:00:00+00', '2026-01-13T14:59:59.999999Z', 'since in the future: neither'),
    (null, '-infinity', '2026-01-13T11:59:59.999999Z', 'a writer of unknown start: before the session'),
    ('2026-01-13 13:00:00+00', '-infinity', '2026-01-13T13:00:00.000000Z', 'and with since no step forward'),
    ('2099-01-01 00:00:00+00', '-infinity', '2026-01-13T14:59:59.999999Z', 'nor past the request')
) as t (since, horizon, expected, description);

select * from finish();
rollback;
