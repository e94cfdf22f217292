begin;
\ir fixtures.psql
select plan(4);

-- Contract
select has_type('api', 'session_event', 'api.session_event is there');
select results_eq(
    $$
    select a.attname::text collate "default", format_type(a.atttypid, a.atttypmod)
    from pg_attribute as a
    join pg_type as t on t.typrelid = a.attrelid
    where t.oid = 'api.session_event'::regtype and not a.attisdropped
    order by a.attnum
    $$,
    $$
    values
        ('id', 'uuid'), ('session_id', 'uuid'), ('step_id', 'uuid'), ('event_type', 'text'), ('timestamp', 'text'),
        ('message', 'text'), ('event_data', 'jsonb')
    $$,
    'its columns are those of an item in the contract'
);
select isnt(obj_description('api.session_event'::regtype, 'pg_type'), null, 'a comment says what it is');

-- Behaviour
select is(
    json_agg(e)::text,
    '[{"id":"00000000-0000-4000-8000-000000000001","session_id":"00000000-0000-4000-8000-000000000002","step_id":null,'
    '"event_type":"info","timestamp":"2026-01-13T14:30:00.000000Z","message":null,"event_data":{"n": '
    || '1' || repeat('0', 400) || ', "half": 0.10, "large": 9223372036854775808}}]',
    'as JSON it loses no digit'
)
from (
    select (
        row(
            pg_temp.id(1), pg_temp.id(2), null, 'info', '2026-01-13T14:30:00.000000Z', null,
            '{"n": 1e400, "large": 9223372036854775808, "half": 0.10}'
        )::api.session_event
    ).*
) as e;

select * from finish();
rollback;
