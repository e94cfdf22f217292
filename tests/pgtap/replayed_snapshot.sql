-- On a standby, what it is for, it is in tests/polling. A primary answers it as well.
begin;
\ir fixtures.psql
select plan(17);

-- Contract
select pg_temp.has_contract(
    'events_internal.replayed_snapshot()', 'OUT replayed pg_snapshot, OUT is_whole boolean', 'record', 'plpgsql',
    'volatile'
);

-- Privileges
select pg_temp.is_private('events_internal.replayed_snapshot()');

-- Behaviour
-- The ids of savepoints that were rolled back lie between the caller's own and the end of the snapshot.
create temporary table written (number integer);
create function pg_temp.roll_back(p_count integer) returns void
language plpgsql
as $$
begin
    for v_number in 1 .. p_count loop
        begin
            insert into written values (v_number);
            raise sqlstate 'OK000';
        exception
            when sqlstate 'OK000' then null;
        end;
    end loop;
end;
$$;
select pg_temp.roll_back(3);
create temporary table told as select r.*, pg_current_snapshot() as now from events_internal.replayed_snapshot() as r;
select is((select is_whole from told), true, 'with few in flight it is whole');
select is(
    (select pg_snapshot_xmax(replayed) from told), (select pg_snapshot_xmax(now) from told),
    'it ends where the snapshot ends'
);
select is((select pg_snapshot_xmin(replayed) from told), pg_current_xact_id(), 'and begins with the oldest in flight');
select is(
    array(
        select x
        from told
        cross join pg_snapshot_xip(replayed) as x
        where x = pg_current_xact_id() or x::text::bigint >= pg_snapshot_xmax(replayed)::text::bigint - 3
    ),
    array[pg_current_xact_id()],
    'it lists who is in flight, and not the three that were rolled back'
);
select is(
    (
        select events_internal.contains_snapshot(now, events_internal.clamp_snapshot(replayed, pg_snapshot_xmax(now)))
        from told
    ),
    true, 'it has seen nothing that the snapshot has not'
);
select pg_temp.roll_back(10001);
create temporary table cut as select r.* from events_internal.replayed_snapshot() as r;
select is((select is_whole from cut), false, 'behind more than 10,000 that are younger it is not');
select is(
    (select pg_snapshot_xmax(replayed)::text::bigint from cut), pg_current_xact_id()::text::bigint + 10000,
    'then it ends after as many'
);

select * from finish();
rollback;
