-- What a standby is sure of is in tests/polling.
begin;
\ir fixtures.psql
select plan(13);

-- Contract
select pg_temp.has_contract(
    'events_internal.timeline(integer)', 'p_checkpoint_timeline integer', 'text', 'plpgsql', 'volatile'
);

-- Privileges
select pg_temp.is_private('events_internal.timeline(integer)');

-- Behaviour
select is(
    events_internal.timeline(checkpoint), '1',
    format('a primary knows its own, though its checkpoint says %s', checkpoint)
)
from unnest(array[1, 7]) as checkpoint;
select ok(
    has_function_privilege('session_events_definer', 'pg_ls_waldir()', 'execute'),
    'who reads it on a standby may look for history files'
);

select * from finish();
rollback;
