begin;
\ir fixtures.psql
select plan(14);

-- Contract
select pg_temp.has_contract(
    'events_internal.token_tail(uuid, bytea)', 'p_session_id uuid, p_head_digest bytea', 'text', 'sql', 'immutable',
    null
);

-- Privileges
select pg_temp.is_private('events_internal.token_tail(uuid, bytea)');

-- Behaviour
create function pg_temp.tail(p_session integer, p_key text default 'key') returns text
language sql
return events_internal.token_tail(pg_temp.id(p_session), sha256(convert_to('2c anything ' || p_key, 'UTF8')));
select matches(pg_temp.tail(1), '^[A-Za-z0-9_-]{32}$', 'session and seal are 32 letters');
select is(pg_temp.tail(1), pg_temp.tail(1), 'the same for the same');
select isnt(right(pg_temp.tail(1), 10), right(pg_temp.tail(2), 10), 'another session has another seal');
select isnt(right(pg_temp.tail(1), 10), right(pg_temp.tail(1, 'kez'), 10), 'another key has another seal');

select * from finish();
rollback;
