begin;
\ir fixtures.psql
select plan(16);

-- Contract
select has_function('events_internal', 'session_not_found', 'events_internal.session_not_found() is there');
select pg_temp.has_contract(
    'events_internal.session_not_found(uuid)', 'p_session_id uuid',
    'void', 'plpgsql', 'stable', false, array[pg_temp.search_path()]
);

-- Privileges
select pg_temp.is_private('events_internal.session_not_found(uuid)');

-- Behaviour
select throws_ok(
    'select events_internal.session_not_found(pg_temp.id(9))',
    'P0002', 'Session not found: 00000000-0000-4000-8000-000000000009', 'in SQL it is an error that names the session'
);
select set_config('request.method', '', true);
select throws_ok(
    'select events_internal.session_not_found(pg_temp.id(9))',
    'P0002', 'Session not found: 00000000-0000-4000-8000-000000000009', 'also where an earlier transaction had been PostgREST''s'
);
select is(nullif(current_setting('response.status', true), ''), null, 'and no status is set then');
select set_config('request.method', 'GET', true);
select lives_ok('select events_internal.session_not_found(pg_temp.id(9))', 'under PostgREST it is no error');
select is(current_setting('response.status'), '404', 'but status 404');
select is(
    current_setting('response.headers'), '[{"Events-Error": "session-not-found"}]', 'with a header that tells it from other 404s'
);

select * from finish();
rollback;
