begin;
\ir fixtures.psql
select plan(14);

-- Contract
select pg_temp.has_contract(
    'events_internal.nobody_writes(pg_snapshot)',
    'p_now pg_snapshot',
    'boolean', 'plpgsql', 'volatile', null
);

-- Privileges
select pg_temp.is_private('events_internal.nobody_writes(pg_snapshot)');

-- Behaviour
-- Writers that are in flight need other transactions: test_transactions.py.
select is(events_internal.nobody_writes('5:9:5'), false, 'whom a snapshot lists writes');
select is(events_internal.nobody_writes('9:9:'), false, 'what has an id may be in flight, where the snapshot is older');
select pg_current_xact_id() \g /dev/null
select is(events_internal.nobody_writes(pg_current_snapshot()), false, 'so does the caller, once it has written');
select is(
    events_internal.nobody_writes(
        format('%1$s:%1$s:', pg_snapshot_xmax(pg_current_snapshot())::text::bigint + 1000000)::pg_snapshot
    ),
    true, 'nobody has an id that was not given out'
);

select * from finish();
rollback;
