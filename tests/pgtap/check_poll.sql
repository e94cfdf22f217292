begin;
\ir fixtures.psql
select plan(34);

-- Contract
select pg_temp.has_contract(
    'events_internal.check_poll(events_internal.poll, bigint)', 'p_poll events_internal.poll, p_max_bytes bigint',
    'void', 'plpgsql', 'immutable'
);

-- Privileges
select pg_temp.is_private('events_internal.check_poll(events_internal.poll, bigint)');

-- Behaviour
select lives_ok(
    format('select events_internal.check_poll(pg_temp.poll(%L), 1)', p.poll), format('%s keeps the rules', p.poll)
)
from (values
    ('{}'), ('{"limit": 9223372036854775807, "page": 9223372036854775807}'), ('{"since": "0001-01-01T00:00:00Z"}'),
    ('{"event_type": ""}'), ('{"cursor": ""}'), ('{"cursor": "x", "event_type": "info", "limit": 1, "page": 2}'),
    ('{"next": "x"}')
) as p (poll);
select throws_ok(
    format('select events_internal.check_poll(pg_temp.poll(%L), %L)', p.poll, p.max_bytes), '22023', p.message,
    format('%s: %s', p.poll, p.message)
)
from (values
    ('{"session_id": null}', 1, 'p_session_id is null; give the id of a session'),
    ('{"limit": 0}', 1, 'p_limit is 0; it must be at least 1'),
    ('{"limit": -9223372036854775808}', 1, 'p_limit is -9223372036854775808; it must be at least 1'),
    ('{"page": 0}', 1, 'p_page is 0; it must be at least 1'),
    ('{"page": -1}', 1, 'p_page is -1; it must be at least 1'),
    ('{}', 0, 'p_max_bytes is 0; it must be at least 1'),
    ('{}', -9223372036854775808, 'p_max_bytes is -9223372036854775808; it must be at least 1'),
    ('{"since": "infinity"}', 1, 'p_since is infinity; give a finite time, or null'),
    ('{"since": "-infinity"}', 1, 'p_since is -infinity; give a finite time, or null'),
    ('{"since": "2026-01-01T00:00:00Z", "cursor": "x"}', 1, 'p_since and p_cursor exclude each other; give one'),
    ('{"since": "2026-01-01T00:00:00Z", "cursor": ""}', 1, 'p_since and p_cursor exclude each other; give one'),
    ('{"next": "x", "since": "2026-01-01T00:00:00Z"}', 1, 'p_next knows filters, limit and page; give it alone'),
    ('{"next": "x", "event_type": "info"}', 1, 'p_next knows filters, limit and page; give it alone'),
    ('{"next": "x", "limit": 99}', 1, 'p_next knows filters, limit and page; give it alone'),
    ('{"next": "x", "page": 2}', 1, 'p_next knows filters, limit and page; give it alone'),
    ('{"next": "x", "cursor": "x"}', 1, 'p_next knows filters, limit and page; give it alone'),
    ('{"next": "", "cursor": "x"}', 1, 'p_next knows filters, limit and page; give it alone')
) as p (poll, max_bytes, message);

select * from finish();
rollback;
