-- What a crash, a promotion and a restart change is in tests/polling.
begin;
\ir fixtures.psql
select plan(14);

-- Contract
select has_function('events_internal', 'history', array[]::name[], 'events_internal.history() is there');
select pg_temp.has_contract(
    'events_internal.history()',
    'OUT history_id text, OUT incarnation bigint, OUT durable_xid xid8',
    'record', 'plpgsql', 'volatile', false, array[pg_temp.search_path()]
);

-- Privileges
select pg_temp.is_private('events_internal.history()');

-- Behaviour
create temporary table told as select * from events_internal.history();
select is(
    (select history_id from told),
    (
        select format('%s.1.%s.%s', c.system_identifier, db.oid, 'public.events'::regclass::oid)
        from pg_control_system() as c
        cross join pg_database as db
        where db.datname = current_database()
    ),
    'it names the cluster, its first timeline, the database and the table'
);
select ok(
    (select to_timestamp(incarnation / 1000000.0) from told) between '2020-01-01' and clock_timestamp(),
    'the incarnation is a moment of the past, in microseconds'
);
select cmp_ok(
    (select durable_xid from told), '<=', pg_snapshot_xmax(pg_current_snapshot()), 'what is durable has been given out'
);
select results_eq('select * from events_internal.history()', 'select * from told', 'it tells the same twice');

select * from finish();
rollback;
