begin;
\ir fixtures.psql
select plan(20);

-- Contract
select pg_temp.has_contract(
    'events_internal.has_ended(text)', 'p_status text', 'boolean', 'sql', 'immutable', null
);

-- Privileges
select pg_temp.is_private('events_internal.has_ended(text)');

-- Behaviour
select is(
    events_internal.has_ended(status), ended,
    format('%s %s', status, case when ended then 'has ended' else 'goes on' end)
)
from (values
    ('completed', true), ('failed', true), ('cancelled', true), ('pending', false), ('in_progress', false),
    ('paused', false),
    ('archived', false), ('Completed', false), ('', false)
) as s (status, ended);
select is(events_internal.has_ended(null), null, 'no status is no answer');

select * from finish();
rollback;
