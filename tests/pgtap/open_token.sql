begin;
\ir fixtures.psql
select plan(50);

-- Contract
select pg_temp.has_contract(
    'events_internal.open_token(text, uuid, text, text, text)',
    'p_token text, p_session_id uuid, p_kind text, p_history_id text, p_seal_key text',
    'TABLE(code text, fields text[])', 'sql', 'stable', null
);

-- Privileges
select pg_temp.is_private('events_internal.open_token(text, uuid, text, text, text)');

-- Behaviour
\set text '2c 7.1.5.6.00c0ffee 77 9 5:9:6'
create function pg_temp.opened(
    p_token text, p_session integer default 1, p_kind text default '2c', p_history text default '7.1.5.6.00c0ffee'
) returns text
language sql
return (
    select coalesce(o.code, array_to_string(o.fields, ' '))
    from events_internal.open_token(p_token, pg_temp.id(p_session), p_kind, p_history, 'key') as o
);
create function pg_temp.sealed(p_text text, p_session integer default 1, p_key text default 'key') returns text
language sql
return events_internal.make_token(p_text, pg_temp.id(p_session), p_key);
-- Whatever stands where session and seal should.
create function pg_temp.unsealed(p_bytes bytea) returns text
language sql
return events_internal.token_text(p_bytes || decode(repeat('00', 24), 'hex'));

select is(pg_temp.opened(pg_temp.sealed(:'text')), :'text', 'an untouched cursor says what it was made of');
select is(
    pg_temp.opened(pg_temp.sealed('2w ' || substr(:'text', 4) || ' x y'), p_kind => '2w'),
    '2w ' || substr(:'text', 4) || ' x y',
    'so does a next token, with its further fields'
);
select is_empty(
    $$ select * from events_internal.open_token(null, pg_temp.id(1), '2c', '7.1.5.6.00c0ffee', 'key') $$,
    'no token is no row'
);

select is(pg_temp.opened(c.token), 'SE001', format('%s is malformed', c.description))
from (values
    ('', 'the empty text'),
    (' ', 'a space'),
    ('yesterday', 'a word'),
    ('2026-01-13T14:30:00.123456Z', 'a timestamp'),
    ('00000000-0000-4000-8000-000000000001', 'a UUID'),
    (repeat('ü', 36), 'what is not ASCII'),
    (repeat('=', 36), 'padding alone'),
    (repeat('_', 36), 'bytes that are no text'),
    (repeat('A', 32), 'a seal of nothing'),
    (repeat('A', 36), 'zeros'),
    (repeat('A', 1000000), 'a megabyte'),
    (pg_temp.unsealed('2c '), 'a kind alone'),
    (pg_temp.unsealed(convert_to(rpad(:'text', 33), 'UTF8')), 'a cursor under no seal'),
    (pg_temp.sealed(:'text', p_key => 'kez'), 'a cursor under a seal of another key'),
    (pg_temp.sealed(:'text', p_key => ''), 'one of no key'),
    (lower(pg_temp.sealed(:'text')), 'a cursor in lower case'),
    (pg_temp.sealed(:'text') || 'AAAA', 'a cursor with more after it'),
    ('AAAA' || pg_temp.sealed(:'text'), 'one with more before it'),
    (pg_temp.sealed(:'text') || '=', 'one with padding'),
    (pg_temp.sealed(:'text') || E'\n', 'one with a line feed'),
    (left(pg_temp.sealed(:'text'), 20) || ' ' || substr(pg_temp.sealed(:'text'), 22), 'one with a space'),
    (pg_temp.sealed('1c ' || substr(:'text', 4)), 'another version'),
    (pg_temp.sealed('2w ' || substr(:'text', 4)), 'a next token in the place of a cursor'),
    (pg_temp.sealed('2c 7.1.5.7.00c0ffee'), 'a history without the rest'),
    (pg_temp.sealed('2c x 77 9 5:9:6'), 'a history by another name'),
    (pg_temp.sealed(''), 'nothing under a seal that is right')
) as c (token, description);
select is(
    pg_temp.opened(pg_temp.sealed(:'text'), p_kind => '2w'), 'SE001',
    'a cursor in the place of a next token is malformed'
);
select is_empty(
    format($$
        select n
        from pg_temp.sealed(%L) as token
        cross join generate_series(0, length(token) - 1) as n
        where pg_temp.opened(left(token, n)) is distinct from 'SE001'
    $$, :'text'),
    'a token that was cut off is malformed, wherever that happened'
);
select is_empty(
    format($$
        select n, letter
        from pg_temp.sealed(%L) as token
        cross join generate_series(1, length(token)) as n
        cross join unnest(array['A', 'B', 'z', '9', '-', '_', '+', ' ', 'é']) as letter
        where substr(token, n, 1) <> letter
            and pg_temp.opened(overlay(token placing letter from n for 1)) not in ('SE001', 'SE003')
    $$, :'text'),
    'a token with one character changed is refused, wherever that is'
);

-- Of somebody else
select is(pg_temp.opened(pg_temp.sealed(:'text', p_session => 2)), 'SE002', 'a token of another session is told apart');
select is(
    pg_temp.opened(pg_temp.sealed('2w ' || substr(:'text', 4), p_session => 2), p_kind => '2w'), 'SE002',
    'a next token too'
);
select is(
    pg_temp.opened(pg_temp.sealed(:'text', p_key => 'another'), p_history => h.history), 'SE003',
    format('a token of another %s is, whatever its seal', h.what)
)
from (values
    ('8.1.5.6.00c0ffee', 'cluster'),
    ('7.1.4.6.00c0ffee', 'database'), ('7.1.5.9.00c0ffee', 'table'), ('7.1.5.6.00c0ffef', 'epoch')
) as h (history, what);

select is(
    pg_temp.opened(pg_temp.sealed(:'text'), p_history => h.history), :'text',
    format('a token of another timeline is opened by a server on %s', h.history)
)
from (values ('7.2.5.6.00c0ffee'), ('7.unknown-1.5.6.00c0ffee')) as h (history);

select * from finish();
rollback;
