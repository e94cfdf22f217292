-- What it tells on a standby is in tests/polling.
begin;
\ir fixtures.psql
select plan(11);

-- Contract
select pg_temp.has_contract('events_internal.replayed_lsn()', '', 'pg_lsn', 'plpgsql', 'volatile');

-- Privileges
select pg_temp.is_private('events_internal.replayed_lsn()');

-- Behaviour
select is(events_internal.replayed_lsn(), null, 'a server that never was a standby has replayed nothing');

select * from finish();
rollback;
