begin;
\ir fixtures.psql
select plan(18);

-- Contract
select pg_temp.has_contract(
    'events_internal.continued_walk(text[], uuid)', 'p_fields text[], p_session_id uuid', 'events_internal.walk',
    'plpgsql', 'stable', array[pg_temp.search_path(), 'DateStyle=ISO, MDY', 'TimeZone=UTC']
);

-- Privileges
select pg_temp.is_private('events_internal.continued_walk(text[], uuid)');

-- Behaviour
set local timezone = 'Asia/Kathmandu';
set local datestyle = 'German, DMY';
-- What a token that next_token() has made comes back as.
create function pg_temp.continued(p_walk jsonb) returns jsonb
language sql
return (
    select to_jsonb(events_internal.continued_walk(o.fields, pg_temp.id(1)))
    from events_internal.open_token(
        events_internal.next_token(
            pg_temp.walk(p_walk), (p_walk ->> 'start_at')::timestamptz, (p_walk ->> 'start_id')::uuid, 'key'
        ),
        pg_temp.id(1), '2w', '7.1.5.6.00c0ffee', 'key'
    ) as o
);
create function pg_temp.expected(p_walk jsonb) returns jsonb
language sql
return to_jsonb(pg_temp.walk('{"as_of": "5:9:6"}' || p_walk || '{"skip": 0, "page": 2}'));
select is(pg_temp.continued(w.walk), pg_temp.expected(w.walk), w.description)
from (values
    ('{"start_at": "2026-01-13T14:30:07Z", "start_id": "00000000-0000-4000-8000-000000000007"}'::jsonb,
        'the walk goes on as of the first answer''s snapshot'),
    ('{"start_at": "2026-01-13T14:30:07.000001Z", "start_id": "00000000-0000-4000-8000-000000000007",'
        ' "event_type": "a b é", "seen": "3:5:4", "from_at": "2026-01-13T14:30:00Z", "by_xid": true,'
        ' "shown_lsn": "1/F",'
        ' "total": 80, "per_page": 7}',
        'with its filters, its total and its limit'),
    ('{"start_at": "infinity", "start_id": "00000000-0000-4000-8000-000000000007", "event_type": ""}',
        'at the end of time, of the empty type'),
    ('{"start_at": "-infinity", "start_id": "00000000-0000-4000-8000-000000000007"}', 'at the beginning of time'),
    ('{"start_at": "0044-03-15 12:00:00+00 BC", "start_id": "00000000-0000-4000-8000-000000000007",'
        ' "from_at": "4713-11-24 00:00:00+00 BC"}', 'before the year 1'),
    ('{"start_at": "294276-12-31 23:59:59.999999+00", "start_id": "00000000-0000-4000-8000-000000000007", "skip": 500}',
        'in the year 294276; what a page by number had to skip is behind it'),
    ('{"start_at": "2026-01-13T14:30:07Z", "start_id": "00000000-0000-4000-8000-000000000007", "is_whole": false,'
        ' "as_of": null}', 'one whose snapshot was cut shows all that is visible')
) as w (walk, description);
select is(events_internal.continued_walk(null, pg_temp.id(1)), null, 'no token is no walk');

select * from finish();
rollback;
