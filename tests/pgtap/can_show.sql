begin;
\ir fixtures.psql
select plan(20);

-- Contract
select pg_temp.has_contract(
    'events_internal.can_show(text[], events_internal.moment, pg_snapshot)',
    'p_fields text[], p_moment events_internal.moment, p_now pg_snapshot',
    'boolean', 'plpgsql', 'stable', null
);

-- Privileges
select pg_temp.is_private('events_internal.can_show(text[], events_internal.moment, pg_snapshot)');

-- Behaviour
-- What it means for a poll is in asked_polls.sql.
select is(
    events_internal.can_show(
        array['2w', w.history, '77', w.durable, w.snapshot],
        pg_temp.moment(
            jsonb_build_object(
                'history_id', 'ours', 'in_recovery', w.standby, 'incarnation', w.incarnation, 'replayed_lsn', '0/10'
            )
        ),
        '5:9:6'
    ),
    w.expected, w.description
)
from (values
    ('9', '5:9:6', 'ours', false, 77, true, 'a primary shows what it has seen'),
    ('9', '5:9:5,6', 'ours', false, 77, true, 'and what had seen less'),
    ('9', '5:9:', 'ours', false, 77, false, 'not what had seen more'),
    ('9', '5:10:6', 'ours', false, 77, false, 'nor what is of its future'),
    ('9', '5:9:6', 'ours', false, 78, true, 'after a crash what was durable'),
    ('8', '5:9:6', 'ours', false, 78, false, 'and nothing else'),
    ('8', '5:9:6', 'ours', false, 77, true, 'before it all'),
    ('9', '5:9:6', 'theirs', false, 77, true, 'of the timeline before what was durable'),
    ('8', '5:9:6', 'theirs', false, 77, false, 'and nothing else'),
    ('0', '5:99:', 'ours', true, 78, true, 'a standby whatever token_code() has let pass')
) as w (durable, snapshot, history, standby, incarnation, expected, description);

select * from finish();
rollback;
