-- What an attacker would try with a function that runs with another's rights: names of their own in the place of
-- real ones.
-- A file of its own, because PL/pgSQL looks a name up once in a connection.
begin;
\ir fixtures.psql
select plan(5);

select pg_temp.add_session();
select pg_temp.add_event(n) from generate_series(1, 3) as n;
set local role session_events_reader;
create temporary table events as select 'forged' as message;
create temporary table sessions as select pg_temp.id(1) as id, 'forged' as status, now() as created_at;
create function pg_temp.takes_over() returns boolean
language plpgsql
as $$
begin
    if current_user = 'session_events_definer' then
        perform set_config('test.acting', current_user, true);
    end if;
    return true;
end;
$$;
create function pg_temp.create_domains() returns void
language plpgsql
as $$
declare
    v_name pg_catalog.name;
begin
    foreach v_name in array array[
        'timestamptz', 'uuid', 'text', 'pg_snapshot', 'xid8', 'pg_lsn', 'bytea', 'json', 'int8', 'int4', 'bool',
        'numeric'
    ] loop
        execute format('create domain pg_temp.%1$I as pg_catalog.%1$I check (pg_temp.takes_over())', v_name);
    end loop;
end;
$$;
select pg_temp.create_domains();
select set_config('test.acting', 'nobody', true);
select is(
    (select array_agg(e.message) from api.session_events('00000000-0000-4000-8000-000000000001') as e),
    array_fill('something happened'::pg_catalog.text, array[3]),
    'tables of the caller''s own do not stand in for the real ones'
);
select is(pg_temp.answer('Session-Status'), 'in_progress', 'neither for the status');
select count(*)
from api.session_events(
    '00000000-0000-4000-8000-000000000001', p_cursor => pg_temp.answer('Events-Cursor'), p_limit => 1
) \g /dev/null
select is(
    (
        select right(e.id::pg_catalog.text, 1)
        from api.session_events('00000000-0000-4000-8000-000000000001', p_next => pg_temp.answer('Events-Next')) as e
    ),
    '2', 'nor in a walk'
);
select matches(
    convert_from(
        api.answer_polls(translate(
            encode('[{"session_id": "00000000-0000-4000-8000-000000000001", "limit": "2", "page": "1"}]', 'base64'),
            E'+/=\n', '-_'
        )),
        'UTF8'
    ),
    '"total":3,', 'nor in a shared call'
);
select is(current_setting('test.acting'), 'nobody', 'nor do types, whose checks would run with the definer''s rights');
reset role;

select * from finish();
rollback;
