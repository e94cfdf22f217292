begin;
\ir fixtures.psql
select plan(13);

-- Contract
select has_function('events_internal', 'cursor_check', 'events_internal.cursor_check() is there');
select pg_temp.has_contract(
    'events_internal.cursor_check(text)', 'p_text text', 'text', 'sql', 'immutable', false, null
);

-- Privileges
select pg_temp.is_private('events_internal.cursor_check(text)');

-- Behaviour. Cursors outlive a deployment, so the value is fixed: the beginning of SHA-256.
select is(events_internal.cursor_check('abc'), 'ba7816bf', 'eight digits of SHA-256');
select is(events_internal.cursor_check(''), 'e3b0c442', 'also of the empty text');
select isnt(events_internal.cursor_check('1 2 3'), events_internal.cursor_check('1 2 4'), 'another text has another check');

select * from finish();
rollback;
