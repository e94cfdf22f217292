-- Writers in flight and prepared ones need other transactions: test_transactions.py.
begin;
\ir fixtures.psql
select plan(17);

-- Contract
select pg_temp.has_contract(
    'events_internal.writer_horizon()',
    'OUT in_recovery boolean, OUT read_at timestamp with time zone, OUT horizon timestamp with time zone',
    'record', 'plpgsql', 'volatile'
);

-- Privileges
select pg_temp.is_private('events_internal.writer_horizon()');
select ok(
    pg_has_role('session_events_definer', 'pg_read_all_stats', 'usage'),
    'who calls it sees when the transactions of others began'
);

-- Behaviour
create temporary table seen as select t.*, clock_timestamp() as after from events_internal.writer_horizon() as t;
select cmp_ok((select read_at from seen), '>', statement_timestamp() - interval '1 minute', 'read_at is now');
select cmp_ok((select read_at from seen), '>', transaction_timestamp(), 'by the clock, not by the transaction');
select cmp_ok((select read_at from seen), '<=', (select after from seen), 'and not later than the call');
select is(
    (select horizon from seen), transaction_timestamp(),
    'the horizon is the start of the oldest writer, here the caller itself'
);
select is((select in_recovery from seen), false, 'this is not a standby');

-- Where PostgreSQL would run it in parallel
select pg_temp.lives_in_parallel('select h.horizon from events_internal.writer_horizon() as h');

select * from finish();
rollback;
