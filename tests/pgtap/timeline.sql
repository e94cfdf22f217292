-- What a standby is sure of is in tests/polling.
begin;
\ir fixtures.psql
select plan(12);

-- Contract
select pg_temp.has_contract(
    'events_internal.timeline()', '', 'text', 'plpgsql', 'volatile', null
);

-- Privileges
select pg_temp.is_private('events_internal.timeline()');

-- Behaviour
select is(events_internal.timeline(), '1', 'a primary knows its own');
select ok(
    has_function_privilege('session_events_definer', 'pg_ls_waldir()', 'execute'),
    'who reads it on a standby may look for history files'
);

select * from finish();
rollback;
