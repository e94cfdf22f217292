begin;
\ir fixtures.psql
select plan(18);

-- Contract
select pg_temp.has_contract(
    'events_internal.answer_json(events_internal.answer)', 'p_answer events_internal.answer', 'text', 'sql', 'stable',
    null
);

-- Privileges
select pg_temp.is_private('events_internal.answer_json(events_internal.answer)');

-- Behaviour
create function pg_temp.json(p_values jsonb) returns text
language sql
return events_internal.answer_json(jsonb_populate_record(null::events_internal.answer, p_values));
create function pg_temp.success(p_values jsonb default '{}') returns text
language sql
return pg_temp.json(
    '{"items": "\\x5b22e282ac225d", "returned": 1, "total": 5, "page": 2, "per_page": 1, "next": "N",'
    ' "status": "paused", "session": "{\"project_path\":\"/srv\"}", "timestamp": "T", "cursor": "C"}' || p_values
);
select is(
    pg_temp.success(),
    '{"items":7,"returned":1,"total":5,"page":2,"per_page":1,"next":"N","ended":false,'
    '"session":"{\"project_path\":\"/srv\"}","timestamp":"T","cursor":"C"}',
    'items is how many bytes they have, and the session is text'
);
select is(pg_temp.success('{"next": null}')::json ->> 'next', null, 'next is null on the last page');
select is(
    pg_temp.success(jsonb_build_object('status', status))::json ->> 'ended', ended,
    format('ended is %s where it is %s', ended, status)
)
from (values ('completed', 'true'), ('archived', 'false')) as s (status, ended);
select is(
    pg_temp.success(jsonb_build_object('session', E'{"x":"\\"\u0001€🏭"}'))::json ->> 'session',
    E'{"x":"\\"\u0001€🏭"}',
    'the session comes through unchanged, whatever is in it'
);
select is(pg_temp.json('{"way": "alone"}')::jsonb, '{"way": "alone"}', 'what has to be asked by another way');
select is(
    pg_temp.json(
        '{"code": "SE004", "message": "Too \"large\".", "hint": "Ask.", "largest_limit": 5}'
    )::jsonb,
    '{"code": "SE004", "message": "Too \"large\".", "hint": "Ask.", "largest_limit": 5}', 'what is refused, and why'
);
select is(
    pg_temp.json('{"code": "SE001", "message": "M", "hint": "H"}')::jsonb -> 'largest_limit', 'null',
    'the largest limit is there, if only as null'
);

select * from finish();
rollback;
