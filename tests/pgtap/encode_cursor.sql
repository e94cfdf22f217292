begin;
\ir fixtures.psql
select plan(18);

-- Contract
select has_function('events_internal', 'encode_cursor', 'events_internal.encode_cursor() is there');
select pg_temp.has_contract(
    'events_internal.encode_cursor(uuid, pg_snapshot, boolean)', 'p_session_id uuid, p_snapshot pg_snapshot, p_in_recovery boolean',
    'text', 'plpgsql', 'stable', false, array[pg_temp.search_path()]
);

-- Privileges
select pg_temp.is_private('events_internal.encode_cursor(uuid, pg_snapshot, boolean)');

-- Behaviour
select matches(
    events_internal.encode_cursor(pg_temp.id(1), pg_current_snapshot(), false), '^[A-Za-z0-9_-]{100,200}$', 'short, and safe in a URL'
);
select is(
    events_internal.decode_cursor(events_internal.encode_cursor(pg_temp.id(1), s.snapshot::pg_snapshot, false), pg_temp.id(1))::text,
    s.snapshot,
    format('%s comes back as it was', s.description)
)
from (values
    ('5:5:', 'a snapshot with nobody in flight'), ('5:9:5', 'one with a writer in flight'), ('5:9:5,6,8', 'one with several')
) as s (snapshot, description);

select is(
    events_internal.decode_cursor(events_internal.encode_cursor(pg_temp.id(1), '5:9:6', true), pg_temp.id(1))::text, '5:5:',
    'on a standby, which lists nobody in flight, only what is older than its oldest counts as seen'
);

-- 64 in flight are listed; what began later counts as not seen.
create function pg_temp.in_flight(p_count integer, p_first numeric default 100) returns pg_snapshot
language sql
return (
    select format('%s:%s:%s', p_first, p_first + 2 * p_count, string_agg((p_first + 2 * (n - 1))::text, ',' order by n))::pg_snapshot
    from generate_series(1, p_count) as n
);
create function pg_temp.roundtrip(p_snapshot pg_snapshot) returns text
language sql volatile
return events_internal.decode_cursor(events_internal.encode_cursor(pg_temp.id(1), p_snapshot, false), pg_temp.id(1))::text;
select is(pg_temp.roundtrip(pg_temp.in_flight(64)), pg_temp.in_flight(64)::text, '64 in flight are all told apart');
select is(
    pg_temp.roundtrip(pg_temp.in_flight(65)), format('100:228:%s', split_part(pg_temp.in_flight(64)::text, ':', 3)),
    'of 65 the last counts as not seen, with all that began after it'
);
select cmp_ok(
    length(events_internal.encode_cursor(pg_temp.id(1), pg_temp.in_flight(5000, 9223372036854000000), false)), '<=', 2100,
    'so that a cursor never outgrows a URL'
);

select * from finish();
rollback;
