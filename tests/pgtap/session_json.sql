begin;
\ir fixtures.psql
select plan(19);

-- Contract
select pg_temp.has_contract(
    'events_internal.session_json(text, text, text, timestamptz, timestamptz)',
    'p_status text, p_session_type text, p_project_path text, '
    'p_created_at timestamp with time zone, p_completed_at timestamp with time zone',
    'text', 'sql', 'stable', null
);

-- Privileges
select pg_temp.is_private('events_internal.session_json(text, text, text, timestamptz, timestamptz)');

-- Behaviour
set local timezone = 'Asia/Kathmandu';
set local datestyle = 'German, DMY';
select is(
    events_internal.session_json('paused', 'unit_tests', '/srv/shop', pg_temp.at(0), null),
    '{"status":"paused","ended":false,"session_type":"unit_tests","project_path":"/srv/shop",'
    '"created_at":"2026-01-13T14:30:00.000000Z","completed_at":null}',
    'a session that goes on has no completed_at; times are UTC whatever the caller''s settings'
);
select is(
    events_internal.session_json('failed', 'unit_tests', '/srv/shop', pg_temp.at(0), pg_temp.at(1))::jsonb
        - array['session_type', 'project_path', 'created_at'],
    '{"status": "failed", "ended": true, "completed_at": "2026-01-13T14:30:01.000000Z"}', 'one that has ended says when'
);
select is(
    events_internal.session_json('archived', 'unit_tests', '/srv/shop', pg_temp.at(0), null)::json ->> 'ended', 'false',
    'a status that we do not know has not ended'
);
select is(
    events_internal.session_json(p.path, p.path, p.path, pg_temp.at(0), null)::json ->> 'project_path', p.path,
    format('%s comes through', p.description)
)
from (values
    ('', 'nothing'), (E'a"b\\c/d', 'what JSON escapes'), (E'\u0001\t\n\u007f\u2028', 'what cannot be seen'),
    ('D:\Проект\日本 🏭', 'what is not ASCII')
) as p (path, description);
select is_empty(
    $$
    select code
    from generate_series(1, 1114111) as code
    where code not between 55296 and 57343
        and (code < 256 or code % 97 = 0)
        and events_internal.session_json('x', 'x', chr(code), now(), null)::json ->> 'project_path' <> chr(code)
    $$,
    'any character at all'
);
select is_empty(
    $$
    select code
    from generate_series(1, 255) as code
    where events_internal.session_json(chr(code), chr(code), 'x', now(), null)::json ->> 'status' <> chr(code)
    $$,
    'in status and type too'
);

select * from finish();
rollback;
