-- What an attacker would try with a function that runs with another's rights: names of their own in the place of real ones.
-- A file of its own, because PL/pgSQL looks a name up once in a connection.
begin;
\ir fixtures.psql
select plan(3);

select pg_temp.add_session();
select pg_temp.add_event(1);
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
create domain pg_temp.timestamptz as pg_catalog.timestamptz check (pg_temp.takes_over());
create domain pg_temp.uuid as pg_catalog.uuid check (pg_temp.takes_over());
create domain pg_temp.text as pg_catalog.text check (pg_temp.takes_over());
create domain pg_temp.pg_snapshot as pg_catalog.pg_snapshot check (pg_temp.takes_over());
create domain pg_temp.xid8 as pg_catalog.xid8 check (pg_temp.takes_over());
select set_config('test.acting', 'nobody', true);
select is(
    (select array_agg(e.message) from api.session_events('00000000-0000-4000-8000-000000000001') as e),
    array['something happened'],
    'tables of the caller''s own do not stand in for the real ones'
);
select is(pg_temp.answer('Session-Status'), 'in_progress', 'neither for the status');
select count(*)
from api.session_events('00000000-0000-4000-8000-000000000001', p_cursor => pg_temp.answer('Events-Cursor')) \g /dev/null
select is(current_setting('test.acting'), 'nobody', 'nor do types, whose checks would run with the definer''s rights');
reset role;

select * from finish();
rollback;
