begin;
\ir fixtures.psql
select plan(16);

-- Contract
select pg_temp.has_contract(
    'events_internal.make_token(text, uuid, text)', 'p_text text, p_session_id uuid, p_seal_key text', 'text',
    'plpgsql', 'stable'
);

-- Privileges
select pg_temp.is_private('events_internal.make_token(text, uuid, text)');

-- Behaviour
select is(
    array(
        select o.code
        from events_internal.open_token(
            events_internal.make_token('2c 7.1.5.6.00c0ffee 77 9 5:9:', pg_temp.id(1), 'key'), pg_temp.id(1), '2c',
            '7.1.5.6.00c0ffee', 'key'
        ) as o
    ),
    array[null::text], 'open_token() takes it'
);
select isnt(
    events_internal.make_token('2c 7', pg_temp.id(1), 'key'), events_internal.make_token('2c 7', pg_temp.id(1), 'kez'),
    'the key decides'
);
select is(
    events_internal.make_token('2c 7', pg_temp.id(1), 'key'),
    events_internal.token_text(events_internal.token_head('2c 7'))
        || events_internal.token_tail(
            events_internal.token_head('2c 7'), pg_temp.id(1), 'key'
        ),
    'head and tail may be made apart'
);
select matches(
    pg_temp.cursor_of(pg_current_snapshot()::text), '^[A-Za-z0-9_-]{100,200}$', 'a cursor is short, and safe in a URL'
);
-- The largest of each number, and as many in flight as told_snapshot() leaves.
\set history '18446744073709551615.2147483647.4294967295.4294967295.ffffffff'
select cmp_ok(
    length(events_internal.make_token(
        concat_ws(
            ' ', '2c', :'history', '9223372036854775807', '9223372036854775807',
            pg_temp.in_flight(64, 9223372036854775000), 'FFFFFFFF/FFFFFFFF'
        ),
        pg_temp.id(1), 'key'
    )),
    '<=', 2130, 'and never outgrows a URL'
);
select is(
    events_internal.make_token('2c 7', null, 'key'), null, 'without a session there is none'
);

select * from finish();
rollback;
