begin;
\ir fixtures.psql
select plan(14);

-- Contract
select pg_temp.has_contract(
    'events_internal.event_json(events_internal.page_event)', 'p_event events_internal.page_event', 'text', 'sql',
    'stable', null
);

-- Privileges
select pg_temp.is_private('events_internal.event_json(events_internal.page_event)');

-- Behaviour
set local timezone = 'Asia/Kathmandu';
set local datestyle = 'German, DMY';
create function pg_temp.json(p_type text, p_message text, p_data jsonb, p_step uuid default null) returns text
language sql
return events_internal.event_json(
    row(pg_temp.id(1), pg_temp.id(2), p_step, p_type, pg_temp.at(0), p_message, p_data)::events_internal.page_event
);
select is(
    pg_temp.json('info', null, '{"n": 1e400, "large": 9223372036854775808, "half": 0.10}'),
    '{"id":"00000000-0000-4000-8000-000000000001","session_id":"00000000-0000-4000-8000-000000000002","step_id":null,'
    '"event_type":"info","timestamp":"2026-01-13T14:30:00.000000Z","message":null,"event_data":{"n": '
    || '1' || repeat('0', 400) || ', "half": 0.10, "large": 9223372036854775808}}',
    'the item of the contract, with every digit'
);
select is(
    pg_temp.json('info', null, '{}', pg_temp.id(3))::json ->> 'step_id', pg_temp.id(3)::text,
    'with its step where it has one'
);
select is(
    pg_temp.json(E'a"\u0001', E'b\\\n€🏭', '{}')::jsonb
        - array['id', 'session_id', 'step_id', 'timestamp', 'event_data'],
    jsonb_build_object('event_type', E'a"\u0001', 'message', E'b\\\n€🏭'), 'any text comes through'
);
select is(pg_temp.json('info', null, 'null')::json ->> 'event_data', null, 'data may be null, as JSON knows it');

select * from finish();
rollback;
