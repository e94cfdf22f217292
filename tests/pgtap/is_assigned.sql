begin;
\ir fixtures.psql
select plan(17);

-- Contract
select pg_temp.has_contract(
    'events_internal.is_assigned(xid8)', 'p_xid xid8', 'boolean', 'plpgsql', 'volatile', null
);

-- Privileges
select pg_temp.is_private('events_internal.is_assigned(xid8)');

-- Behaviour
select is(events_internal.is_assigned(pg_current_xact_id()), true, 'the caller''s own id has been given out');
select is(events_internal.is_assigned('3'), true, 'so has one of long ago, whose status is forgotten');
select is(
    events_internal.is_assigned((pg_current_xact_id()::text::bigint + 1000000)::text::xid8), false,
    'one of later has not'
);
select is(events_internal.is_assigned('9223372036854775807'), false, 'nor has one far ahead');
select is(
    events_internal.is_assigned((pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1)::text::xid8), true,
    'what a snapshot has seen the end of has been given out'
);
select is(events_internal.is_assigned(null), null, 'no id, no answer');
select pg_temp.lives_in_parallel('select events_internal.is_assigned(''3'')');

select * from finish();
rollback;
