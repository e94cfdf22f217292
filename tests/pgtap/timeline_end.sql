-- What stands in a history file is in tests/polling.
begin;
\ir fixtures.psql
select plan(15);

-- Contract
select pg_temp.has_contract(
    'events_internal.timeline_end(integer, integer)', 'p_timeline integer, p_current integer', 'pg_lsn', 'plpgsql',
    'volatile', p_definer => true
);

-- Privileges
select pg_temp.is_private('events_internal.timeline_end(integer, integer)');

-- Behaviour
select is(
    events_internal.timeline_end(t.older, t.newer), null, format('timeline %s has not ended in %s', t.older, t.newer)
)
from (values (1, 1), (1, 2), (2, 1), (1, -1)) as t (older, newer);
select ok(
    not has_function_privilege(
        'session_events_definer', 'pg_read_binary_file(text, bigint, bigint, boolean)', 'execute'
    ),
    'who calls it may read no other file'
);

select * from finish();
rollback;
