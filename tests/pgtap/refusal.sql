begin;
\ir fixtures.psql
select plan(22);

-- Contract
select pg_temp.has_contract(
    'events_internal.refusal(text, uuid, text, bigint, bigint, integer)',
    'p_code text, p_session_id uuid, p_token text, p_bytes bigint, p_max_bytes bigint, p_largest_limit integer',
    'text[]', 'plpgsql', 'immutable'
);

-- Privileges
select pg_temp.is_private('events_internal.refusal(text, uuid, text, bigint, bigint, integer)');

-- Behaviour
select is(
    events_internal.refusal(r.code, pg_temp.id(9), r.token, 1000, 999, r.largest_limit), array[r.message, r.hint],
    format('%s of %s says what is wrong and what to do', r.code, coalesce(r.token, 'a page'))
)
from (values
    ('P0002', 'cursor', null, 'Session not found: 00000000-0000-4000-8000-000000000009',
        'Check the id of the session; it may have been deleted.'),
    ('SE001', 'cursor', null, 'The cursor is malformed.',
        'Send the cursor of an earlier answer unchanged, or start again without it.'),
    ('SE001', 'next', null, 'The next is malformed.',
        'Send the next of an earlier answer unchanged, or start again without it.'),
    ('SE002', 'cursor', null, 'The cursor belongs to another session.', 'Start again without it.'),
    ('SE002', 'next', null, 'The next belongs to another session.', 'Start again without it.'),
    ('SE003', 'cursor', null, 'The cursor belongs to another database, or to a history that this one has lost.',
        'Start again without it.'),
    ('SE005', 'cursor', null, 'This server does not show yet what the cursor has seen.',
        'Try again soon, with the same cursor.'),
    ('SE005', 'next', null, 'This server does not show yet what the next has seen.',
        'Try again soon, with the same next.'),
    ('SE005', null, null, 'This server does not know yet whether what it shows is still true.', 'Try again soon.'),
    ('SE004', null, 5, 'The page is 1000 bytes, more than the 999 that one answer may have; limit=5 fits.',
        'Ask with limit=5.'),
    ('SE004', null, null,
        'The page is 1000 bytes, more than the 999 that one answer may have, and one of its events alone is larger.',
        'Ask for other pages, times or types; only the operator can allow larger answers.')
) as r (code, token, largest_limit, message, hint);
select throws_ok(
    'select events_internal.refusal(''SE999'', null, null, null, null, null)', '20000', null, 'there are no other codes'
);

select * from finish();
rollback;
