begin;
\ir fixtures.psql
select plan(18);

-- Contract
select pg_temp.has_contract(
    'events_internal.begin_new_history()', '', 'text', 'plpgsql', 'volatile'
);

-- Privileges
select pg_temp.is_private('events_internal.begin_new_history()');

-- Behaviour
select pg_temp.add_session();
create temporary table before as
select h.history_id, h.seal_key, pg_temp.cursor_of(pg_current_snapshot()::text) as cursor
from events_internal.history() as h;
select is(
    events_internal.begin_new_history(), 'Every cursor from before is refused from now on.', 'it says what it has done'
);
select is((select count(*)::integer from events_internal.epoch), 1, 'there is one epoch, as before');
select matches((select e.key from events_internal.epoch as e), '^[0-9a-f-]{72}$', 'with a key that nobody can guess');
select isnt((select h.seal_key from events_internal.history() as h), (select seal_key from before), 'another key');
select isnt((select h.history_id from events_internal.history() as h), (select history_id from before), 'and history');
select throws_ok(
    format('select api.session_events(pg_temp.id(1), p_cursor => %L)', (select cursor from before)),
    'SE003', 'The cursor belongs to another database, or to a history that this one has lost.',
    'a cursor from before is refused'
);
select lives_ok(
    format('select api.session_events(pg_temp.id(1), p_cursor => %L)', pg_temp.cursor_of(pg_current_snapshot()::text)),
    'one from now on is not'
);
set local role session_events_definer;
select throws_ok(
    'select events_internal.begin_new_history()', '42501', 'permission denied for table epoch',
    'who does not own the epoch cannot'
);
reset role;

select * from finish();
rollback;
