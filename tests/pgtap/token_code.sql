-- With a timeline that has ended it is in tests/polling.
begin;
\ir fixtures.psql
select plan(23);

-- Contract
select pg_temp.has_contract(
    'events_internal.token_code(text, pg_lsn, pg_snapshot, events_internal.moment)',
    'p_history_id text, p_lsn pg_lsn, p_snapshot pg_snapshot, p_moment events_internal.moment', 'text', 'plpgsql',
    'volatile'
);

-- Privileges
select pg_temp.is_private('events_internal.token_code(text, pg_lsn, pg_snapshot, events_internal.moment)');

-- Behaviour
select is(
    events_internal.token_code(
        c.theirs, '0/10', '5:9:',
        pg_temp.moment(jsonb_build_object('history_id', c.own, 'in_recovery', c.standby, 'replayed_lsn', c.replayed))
    ),
    c.code, c.description
)
from (values
    ('7.2.5.6.k', '7.2.5.6.k', false, null, null, 'a primary takes what it has given out'),
    ('7.2.5.6.k', '7.2.5.6.k', true, '0/10', null, 'so does a standby that has replayed it'),
    ('7.2.5.6.k', '7.2.5.6.k', true, '0/8', 'SE005', 'one that has not lets the client come again'),
    ('7.3.5.6.k', '7.2.5.6.k', true, '0/10', 'SE005', 'one that follows no newer timeline yet does, too'),
    ('7.3.5.6.k', '7.2.5.6.k', false, null, 'SE003', 'a primary never will'),
    ('7.1.5.6.k', '7.2.5.6.k', false, null, 'SE003', 'an older timeline of which it has no history is lost'),
    ('7.1.5.6.k', '7.2.5.6.k', true, '0/10', 'SE003', 'on a standby too')
) as c (theirs, own, standby, replayed, code, description);

-- The byte of replayed_lsn(): at the same position one server may have replayed the next record, and another not.
select is(
    events_internal.token_code(
        '7.2.5.6.k', c.told::pg_lsn, '5:9:',
        pg_temp.moment(
            jsonb_build_object(
                'history_id', '7.2.5.6.k', 'in_recovery', true, 'replayed_lsn', c.replayed, 'replayed', c.snapshot
            )
        )
    ),
    c.code, c.description
)
from (values
    ('0/11', '0/10', '5:9:', null, 'a standby may have seen all that another may have seen one record more for'),
    ('0/11', '0/10', '5:9:8', 'SE005', 'or not'),
    ('0/11', '0/11', '5:9:8', 'SE005', 'also where it is not sure itself'),
    ('0/11', '0/18', '5:9:8', null, 'past that record nobody needs to ask'),
    ('0/10', '0/10', '5:9:8', null, 'nor before it: what a primary saw before it was on disk comes again'),
    ('0/19', '0/10', '5:9:', 'SE005', 'two records are never one')
) as c (told, replayed, snapshot, code, description);

select * from finish();
rollback;
