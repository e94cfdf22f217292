-- Who may do what, and that nobody may do more: each role tries.
begin;
\ir fixtures.psql
select plan(124);

-- Contract
select is(
    (
        select row(
            r.rolcanlogin, r.rolinherit,
            r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolbypassrls or r.rolreplication
        )
        from pg_roles as r
        where r.rolname = t.name
    )::text,
    row(t.login, t.inherit, false)::text,
    format('%s may %s, and is nothing special', t.name, case when t.login then 'log in' else 'not log in' end)
)
from (values
    ('session_events_authenticator', true, false), ('session_events_reader', false, true),
    ('session_events_definer', false, true)
) as t (name, login, inherit);
select is(
    array(
        select m.roleid::regrole::text
        from pg_auth_members as m
        where m.member = name::regrole
    ),
    roles,
    format('%s is a member of %s', name, coalesce(roles[1], 'nothing'))
)
from (values
    ('session_events_authenticator', array['session_events_reader']), ('session_events_reader', array[]::text[]),
    ('session_events_definer', array['pg_read_all_stats'])
) as t (name, roles);
select is(
    (select s.setconfig from pg_db_role_setting as s where s.setrole = t.name::regrole and s.setdatabase = 0),
    t.settings,
    format('%s cannot hold the database up', t.name)
)
from (values
    ('session_events_reader', array['statement_timeout=10s']),
    ('session_events_authenticator', array['idle_in_transaction_session_timeout=10s'])
) as t (name, settings);
select isnt(shobj_description(name::regrole, 'pg_authid'), null, format('a comment says what %s is for', name))
from unnest(array['session_events_authenticator', 'session_events_reader', 'session_events_definer']) as name;

-- Schemas
select set_eq(
    'select p.proname::text from pg_proc as p where p.pronamespace = ''api''::regnamespace',
    array['session_events', 'answer_polls'],
    'the exposed schema has two functions'
);
select set_eq(
    'select c.relname::text from pg_class as c where c.relnamespace = ''api''::regnamespace', array['session_event'],
    'a row type, no table or view'
);
select set_eq(
    $$
    select t.typname::text
    from pg_type as t
    where t.typnamespace = 'api'::regnamespace and t.typcategory <> 'A' and t.typrelid = 0
    $$,
    array['application/octet-stream'], 'and a media type'
);
select isnt(obj_description(name::regnamespace, 'pg_namespace'), null, format('a comment says what schema %s is', name))
from unnest(array['api', 'events_internal']) as name;
select is_empty(
    $$
    select n.nspname, acl.grantee, acl.privilege_type
    from pg_namespace as n
    cross join aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) as acl
    where n.nspname in ('api', 'events_internal') and acl.grantee = 0
    $$,
    'PUBLIC may use neither of our schemas'
);
select is_empty(
    $$
    select p.oid::regprocedure
    from pg_proc as p
    cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as acl
    where p.pronamespace in ('api'::regnamespace, 'events_internal'::regnamespace) and acl.grantee = 0
    $$,
    'PUBLIC may execute none of our functions'
);
select is_empty(
    $$
    select c.relname
    from pg_class as c
    cross join aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) as acl
    where
        c.oid in (
            'public.sessions'::regclass, 'public.steps'::regclass, 'public.events'::regclass,
            'events_internal.epoch'::regclass
        ) and acl.grantee = 0
    $$,
    'PUBLIC may do nothing with the tables'
);

-- What the roles hold on the tables, in full
select results_eq(
    $$
    select c.relname::text collate "default", acl.grantee::regrole::text, acl.privilege_type
    from pg_class as c
    cross join aclexplode(c.relacl) as acl
    where
        c.oid in (
            'public.sessions'::regclass, 'public.steps'::regclass, 'public.events'::regclass,
            'events_internal.epoch'::regclass
        ) and acl.grantee <> c.relowner
    order by 1
    $$,
    $$
    values
        ('epoch', 'session_events_definer', 'SELECT'), ('events', 'session_events_definer', 'SELECT'),
        ('sessions', 'session_events_definer', 'SELECT')
    $$,
    'one role may read three tables, and that is all'
);

-- Each role tries. :who stands in the descriptions.
select pg_temp.add_session();
select pg_temp.add_event(1);
create temporary table attempt (
    statement text, description text, reader boolean, authenticator boolean, definer boolean
);
insert into attempt values
    ('select api.session_events(''00000000-0000-4000-8000-000000000001'')', 'call the API', true, false, true),
    ('select api.answer_polls(''W10'')', 'ask for several answers', true, false, true),
    ('select * from public.events', 'read events', false, false, true),
    ('select * from public.sessions', 'read sessions', false, false, true),
    ('select * from public.steps', 'read steps', false, false, false),
    ('select * from events_internal.epoch', 'read the key', false, false, true),
    ('update events_internal.epoch set key = ''x''', 'change the key', false, false, false),
    ('delete from events_internal.epoch', 'forget the key', false, false, false),
    ('select events_internal.begin_new_history()', 'begin a new history', false, false, false),
    ('insert into public.events select * from public.events', 'insert events', false, false, false),
    ('insert into public.sessions select * from public.sessions', 'insert sessions', false, false, false),
    ('update public.events set message = ''x''', 'change events', false, false, false),
    ('update public.sessions set status = ''failed''', 'change sessions', false, false, false),
    ('delete from public.events', 'delete events', false, false, false),
    ('truncate public.events', 'empty events', false, false, false),
    ('lock table public.events in access exclusive mode', 'lock events', false, false, false),
    ('alter table public.events add column x integer', 'alter events', false, false, false),
    ('alter table public.events disable trigger stamp_writer', 'disable the trigger', false, false, false),
    ('drop table public.events', 'drop events', false, false, false),
    ('drop index public.events_by_time', 'drop an index', false, false, false),
    ('drop function api.session_events', 'drop the API', false, false, true),
    ('create table public.x (id integer)', 'create a table', false, false, false),
    ('create function api.x() returns integer language sql return 1', 'create a function in api', false, false, false),
    ('create function events_internal.x() returns integer language sql return 1', 'create one inside', false, false,
        false),
    ('create schema x', 'create a schema', false, false, false),
    ('create role x', 'create a role', false, false, false),
    ('alter role session_events_definer login', 'alter a role', false, false, false),
    ('grant select on public.steps to session_events_reader', 'grant itself a table', false, false, false),
    ('select * from events_internal.writer_horizon()', 'call a part of it', false, false, true),
    ('select events_internal.make_token(''2c'', gen_random_uuid(), ''x'')', 'make a token', false, false, true),
    ('select events_internal.iso_timestamp(now())', 'call the least of its parts', false, false, true),
    ('call events_internal.execute_patiently(''drop table public.events'')', 'execute patiently', false, false, false),
    ('select pg_read_file(''PG_VERSION'')', 'read a file', false, false, false),
    ('copy (select 1) to program ''true''', 'run a program', false, false, false);
grant select on attempt to public;

-- The outcome of one attempt, undone whatever it is: 'allowed', or the SQLSTATE.
create function pg_temp.outcome(p_statement text) returns text
language plpgsql
as $$
begin
    execute p_statement;
    raise sqlstate 'OK000';
exception
    when sqlstate 'OK000' then return 'allowed';
    when others then return sqlstate;
end;
$$;

\set who session_events_reader
set local role session_events_reader;
select is(
    pg_temp.outcome(statement), case when reader then 'allowed' else '42501' end, format('%s: %s', :'who', description)
)
from attempt;
reset role;
\set who session_events_authenticator
set local role session_events_authenticator;
select is(
    pg_temp.outcome(statement), case when authenticator then 'allowed' else '42501' end,
    format('%s: %s', :'who', description)
)
from attempt;
reset role;
\set who session_events_definer
set local role session_events_definer;
select is(
    pg_temp.outcome(statement), case when definer then 'allowed' else '42501' end, format('%s: %s', :'who', description)
)
from attempt;
reset role;

-- The way of PostgREST
set local session authorization session_events_authenticator;
select lives_ok('set local role session_events_reader', 'the authenticator may act as the reader');
reset role;
select throws_ok('set local role session_events_definer', '42501', null, 'but not as the definer');
reset session authorization;

select * from finish();
rollback;
