begin;
\ir fixtures.psql
select plan(12);

-- Contract
select pg_temp.has_contract(
    'events_internal.answer_headers(events_internal.answer)', 'p_answer events_internal.answer', 'json', 'plpgsql',
    'stable'
);

-- Privileges
select pg_temp.is_private('events_internal.answer_headers(events_internal.answer)');

-- Behaviour
create function pg_temp.headers(p_values jsonb default '{}') returns text
language sql
return events_internal.answer_headers(jsonb_populate_record(
    null::events_internal.answer,
    '{"status": "paused", "total": 5, "page": 2, "per_page": 2, "timestamp": "T", "cursor": "C", "next": "N",'
    ' "items": "\\x5b5d"}'
    || p_values
))::text;
select is(
    pg_temp.headers(),
    '[{"Session-Status" : "paused"}, {"Total-Count" : "5"}, {"Page" : "2"}, {"Per-Page" : "2"}, '
    '{"Events-Timestamp" : "T"}, {"Events-Cursor" : "C"}, {"Events-Next" : "N"}]',
    'one object a header, as PostgREST takes them'
);
select is(
    pg_temp.headers('{"next": null}')::jsonb, pg_temp.headers()::jsonb - 6,
    'without a next page there is no Events-Next'
);

select * from finish();
rollback;
