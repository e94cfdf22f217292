-- That no such id is given out again after a crash or a promotion is in tests/polling.
begin;
\ir fixtures.psql
select plan(14);

-- Contract
select pg_temp.has_contract('events_internal.written_xid()', '', 'xid8', 'plpgsql', 'volatile', null);

-- Privileges
select pg_temp.is_private('events_internal.written_xid()');

-- Behaviour
select set_config('events_internal.written_xid', '7 9 FFFFFFFF/0', true);
select ok(
    events_internal.written_xid() in ('7', pg_snapshot_xmax(pg_current_snapshot())),
    'what is not flushed yet says nothing'
);
select set_config('events_internal.written_xid', '7 9 0/10', true);
select ok(
    events_internal.written_xid() in ('9', pg_snapshot_xmax(pg_current_snapshot())), 'what is flushed by now counts'
);
select matches(
    current_setting('events_internal.written_xid'), '^[0-9]+ [0-9]+ [0-9A-F]+/[0-9A-F]+$', 'and what to look for next'
);
select cmp_ok(
    events_internal.written_xid(), '<=', pg_snapshot_xmax(pg_current_snapshot()), 'it never goes past what has ended'
);

select * from finish();
rollback;
