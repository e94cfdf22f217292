-- Other isolation levels are in test_transactions.py, standbys in tests/polling.
begin;
\ir fixtures.psql
select plan(20);

-- Contract
select pg_temp.has_contract(
    'events_internal.read_moment()', '', 'events_internal.moment', 'plpgsql', 'volatile', null
);

-- Privileges
select pg_temp.is_private('events_internal.read_moment()');

-- Behaviour
create temporary table moment as select m.*, clock_timestamp() as after from events_internal.read_moment() as m;
select results_eq(
    'select history_id, incarnation, seal_key from moment',
    'select history_id, incarnation, seal_key from events_internal.history()', 'it knows the history'
);
select ok(
    (select durable_xid from moment) in (
        (select durable_xid from events_internal.history()), pg_snapshot_xmax(pg_current_snapshot())
    ),
    'and what is durable: by the last checkpoint, or all where nothing waits to be written'
);
select is((select in_recovery from moment), false, 'whether this is a standby');
select ok((select read_at between after - interval '1 minute' and after from moment), 'the time');
select is(
    (select horizon from moment), transaction_timestamp(), 'when the oldest writer began, here the caller itself'
);
select is(
    (select row(replayed, replayed_lsn, as_of)::text from moment), '(,,)', 'a primary tells all that it sees'
);
select set_eq(
    $$
    select l.relation::regclass::text
    from pg_locks as l
    where l.pid = pg_backend_pid()
        and l.mode = 'AccessShareLock' and l.relation in ('public.sessions'::regclass, 'public.events'::regclass)
    $$,
    array['sessions', 'events'], 'the tables are locked against whoever would rewrite them'
);
select ok(
    has_function_privilege('session_events_definer', 'pg_control_checkpoint()', 'execute')
        and has_function_privilege('session_events_definer', 'pg_control_system()', 'execute')
        and has_function_privilege('session_events_definer', 'pg_control_recovery()', 'execute'),
    'who calls it may read the control file'
);
select set_config('role', 'session_events_definer', true);
select lives_ok('select events_internal.read_moment()', 'as the functions of the API do');
reset role;

-- Where PostgreSQL would run it in parallel
select pg_temp.lives_in_parallel('select m.horizon from events_internal.read_moment() as m');

select * from finish();
rollback;
