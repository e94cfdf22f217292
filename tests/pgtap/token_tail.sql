begin;
\ir fixtures.psql
select plan(15);

-- Contract
select pg_temp.has_contract(
    'events_internal.token_tail(bytea, uuid, text)', 'p_head bytea, p_session_id uuid, p_seal_key text',
    'text', 'sql', 'stable', null
);

-- Privileges
select pg_temp.is_private('events_internal.token_tail(bytea, uuid, text)');

-- Behaviour
create function pg_temp.tail(p_session integer, p_key text default 'key', p_head bytea default '2c 7') returns text
language sql
return events_internal.token_tail(p_head, pg_temp.id(p_session), p_key);
select matches(pg_temp.tail(1), '^[A-Za-z0-9_-]{32}$', 'session and seal are 32 letters');
select is(pg_temp.tail(1), pg_temp.tail(1), 'the same for the same');
select isnt(right(pg_temp.tail(1), 10), right(pg_temp.tail(2), 10), 'another session has another seal');
select isnt(right(pg_temp.tail(1), 10), right(pg_temp.tail(1, 'kez'), 10), 'another key has another seal');
select isnt(right(pg_temp.tail(1), 10), right(pg_temp.tail(1, p_head => '2c 8'), 10), 'and another head');

select * from finish();
rollback;
