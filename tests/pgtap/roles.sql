-- Who may do what, and that nobody may do more: each role tries.
begin;
\ir fixtures.psql
select plan(215);

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

-- Each role tries, those of the parent product and a stranger too. :who stands in the descriptions.
create role application;
grant select, insert, update, delete on public.sessions, public.steps, public.events to application;
create role stranger;
select pg_temp.add_session();
select pg_temp.add_event(1);
create temporary table attempt (statement text, description text, allowed text[]);
insert into attempt values
    ('select api.session_events(''00000000-0000-4000-8000-000000000001'')', 'call the API', '{reader, definer}'),
    ('select api.answer_polls(''W10'')', 'ask for several answers', '{reader, definer}'),
    ('select * from public.events', 'read events', '{definer, application}'),
    ('select * from public.sessions', 'read sessions', '{definer, application}'),
    ('select * from public.steps', 'read steps', '{application}'),
    ('select * from events_internal.epoch', 'read the key', '{definer}'),
    ('update events_internal.epoch set key = ''x''', 'change the key', '{}'),
    ('delete from events_internal.epoch', 'forget the key', '{}'),
    ('select events_internal.begin_new_history()', 'begin a new history', '{}'),
    ('insert into public.events (id, session_id, event_type, event_data, "timestamp")
        select gen_random_uuid(), id, ''info'', ''{}'', now() from public.sessions', 'insert events', '{application}'),
    ('insert into public.sessions select (jsonb_populate_record(s, jsonb_build_object(''id'', gen_random_uuid()))).*
        from public.sessions as s', 'insert sessions', '{application}'),
    ('update public.events set message = ''x''', 'change events', '{application}'),
    ('update public.sessions set status = ''failed''', 'change sessions', '{application}'),
    ('delete from public.events', 'delete events', '{application}'),
    ('truncate public.events', 'empty events', '{}'),
    ('lock table public.events in access exclusive mode', 'lock events', '{application}'),
    ('alter table public.events add column x integer', 'alter events', '{}'),
    ('alter table public.events disable trigger stamp_writer', 'disable the trigger', '{}'),
    ('drop table public.events', 'drop events', '{}'),
    ('drop index public.events_by_time', 'drop an index', '{}'),
    ('drop function api.session_events', 'drop the API', '{definer}'),
    ('create table public.x (id integer)', 'create a table', '{}'),
    ('create function api.x() returns integer language sql return 1', 'create a function in api', '{}'),
    ('create function events_internal.x() returns integer language sql return 1', 'create one inside', '{}'),
    ('create schema x', 'create a schema', '{}'),
    ('create role x', 'create a role', '{}'),
    ('alter role session_events_definer login', 'alter a role', '{}'),
    ('alter table public.steps owner to current_user', 'take a table over', '{}'),
    ('select * from events_internal.writer_horizon()', 'call a part of it', '{definer}'),
    ('select events_internal.make_token(''2c'', gen_random_uuid(), ''x'')', 'make a token', '{definer}'),
    ('select events_internal.iso_timestamp(now())', 'call the least of its parts', '{definer}'),
    ('call events_internal.execute_patiently(''drop table public.events'')', 'execute patiently', '{}'),
    ('select pg_read_file(''PG_VERSION'')', 'read a file', '{}'),
    ('copy (select 1) to program ''true''', 'run a program', '{}'),
    ('set local role session_events_reader', 'act as the reader', '{reader, authenticator}'),
    ('set local role session_events_definer', 'act as the definer', '{definer}'),
    ('set local role testboost', 'act as the owner', '{}'),
    ('set local session_replication_role = ''replica''', 'write without triggers', '{}'),
    ('comment on table public.events is ''x''', 'comment on events', '{}');
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

\set who reader
set local session authorization session_events_reader;
select is(
    pg_temp.outcome(statement), case when :'who' = any (allowed) then 'allowed' else '42501' end,
    format('%s: %s', :'who', description)
)
from attempt;
reset session authorization;
\set who authenticator
set local session authorization session_events_authenticator;
select is(
    pg_temp.outcome(statement), case when :'who' = any (allowed) then 'allowed' else '42501' end,
    format('%s: %s', :'who', description)
)
from attempt;
reset session authorization;
\set who definer
set local session authorization session_events_definer;
select is(
    pg_temp.outcome(statement), case when :'who' = any (allowed) then 'allowed' else '42501' end,
    format('%s: %s', :'who', description)
)
from attempt;
reset session authorization;
\set who application
set local session authorization application;
select is(
    pg_temp.outcome(statement), case when :'who' = any (allowed) then 'allowed' else '42501' end,
    format('%s: %s', :'who', description)
)
from attempt;
reset session authorization;
\set who stranger
set local session authorization stranger;
select is(
    pg_temp.outcome(statement), case when :'who' = any (allowed) then 'allowed' else '42501' end,
    format('%s: %s', :'who', description)
)
from attempt;
reset session authorization;

select * from finish();
rollback;
