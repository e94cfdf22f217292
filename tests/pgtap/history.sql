-- What a crash, a promotion and a restart change is in tests/polling.
begin;
\ir fixtures.psql
select plan(18);

-- Contract
select pg_temp.has_contract(
    'events_internal.history()', 'OUT history_id text, OUT incarnation bigint, OUT durable_xid xid8, OUT seal_key text',
    'record', 'plpgsql', 'volatile'
);

-- Privileges
select pg_temp.is_private('events_internal.history()');

-- Behaviour
create temporary table told as select * from events_internal.history();
select is((select seal_key from told), (select e.key from events_internal.epoch as e), 'the key is that of the epoch');
select is(
    (select history_id from told),
    (
        select format(
            '%s.1.%s.%s.%s', c.system_identifier, db.oid, 'public.events'::regclass::oid,
            left(encode(sha256(convert_to((select seal_key from told), 'UTF8')), 'hex'), 8)
        )
        from pg_control_system() as c
        cross join pg_database as db
        where db.datname = current_database()
    ),
    'it names the cluster, its first timeline, the database, the table and the epoch'
);
select is(
    strpos((select history_id from told), left((select seal_key from told), 8)), 0, 'and gives nothing of the key away'
);
select ok(
    (select to_timestamp(incarnation / 1000000.0) from told) between '2020-01-01' and clock_timestamp(),
    'the incarnation is a moment of the past, in microseconds'
);
select cmp_ok(
    (select durable_xid from told), '<=', pg_snapshot_xmax(pg_current_snapshot()), 'what is durable has been given out'
);
select results_eq('select * from events_internal.history()', 'select * from told', 'it tells the same twice');
delete from events_internal.epoch;
select throws_ok(
    'select * from events_internal.history()',
    '55000', 'events_internal.epoch is empty: the database was restored without its data',
    'without an epoch there is none'
);
select lives_ok('select events_internal.begin_new_history(), events_internal.history()', 'until a new one is begun');

select * from finish();
rollback;
