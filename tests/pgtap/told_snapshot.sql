begin;
\ir fixtures.psql
select plan(17);

-- Contract
select pg_temp.has_contract(
    'events_internal.told_snapshot(pg_snapshot)', 'p_snapshot pg_snapshot', 'pg_snapshot', 'plpgsql', 'stable', null
);

-- Privileges
select pg_temp.is_private('events_internal.told_snapshot(pg_snapshot)');

-- Behaviour
select is(
    events_internal.told_snapshot(s.snapshot::pg_snapshot)::text, s.snapshot, format('%s is told as it is', s.snapshot)
)
from (values ('5:5:'), ('5:9:5'), ('5:9:5,6,8')) as s (snapshot);
select is(
    events_internal.told_snapshot(pg_temp.in_flight(64)::pg_snapshot)::text, pg_temp.in_flight(64),
    '64 in flight are all told apart'
);
select is(
    events_internal.told_snapshot(pg_temp.in_flight(65)::pg_snapshot)::text,
    format('100:228:%s', split_part(pg_temp.in_flight(64), ':', 3)),
    'of 65 the last counts as not seen, with all that began after it'
);
select is(
    events_internal.told_snapshot(format('5:%s:5', pg_current_xact_id()::text::bigint + 10)::pg_snapshot)::text,
    format('5:%s:5', pg_current_xact_id()), 'in a transaction that writes itself it ends with what began before that'
);
select is(
    pg_visible_in_snapshot(pg_current_xact_id(), events_internal.told_snapshot(pg_current_snapshot())), false,
    'so what the caller has yet to write is told later'
);

select * from finish();
rollback;
