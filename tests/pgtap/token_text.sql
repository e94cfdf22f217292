begin;
\ir fixtures.psql
select plan(14);

-- Contract
select pg_temp.has_contract(
    'events_internal.token_text(bytea)', 'p_bytes bytea', 'text', 'sql', 'immutable', null
);

-- Privileges
select pg_temp.is_private('events_internal.token_text(bytea)');

-- Behaviour
select is(events_internal.token_text('\x000102'), 'AAEC', 'three bytes are four letters');
select is(events_internal.token_text('\xfbefbeffffff'), '----____', 'the letters are those that a URL may have');
select is(
    length(events_internal.token_text(sha256('x') || sha256('y') || '\x0102')), 88, 'however long, it is one line'
);
select is(events_internal.token_text(''), '', 'nothing is nothing');

select * from finish();
rollback;
