-- What it does while another transaction holds the table is in tests/migrations.
begin;
\ir fixtures.psql
select plan(15);

-- Contract
select pg_temp.has_contract(
    'events_internal.execute_patiently(text)', 'IN p_statement text', null, 'plpgsql', 'volatile',
    array[pg_temp.search_path(), 'lock_timeout=200ms']
);
select is(
    (select p.prokind::text from pg_proc as p where p.oid = 'events_internal.execute_patiently(text)'::regprocedure),
    'p',
    'it is a procedure'
);

-- Privileges
select pg_temp.is_granted_to('events_internal.execute_patiently(text)', null);

-- Behaviour
call events_internal.execute_patiently('create table public.patience (id integer)');
select has_table('public', 'patience', 'the statement is executed');
select throws_ok(
    $$ call events_internal.execute_patiently('create table public.patience (id integer)') $$,
    '42P07', 'relation "patience" already exists', 'an error that is not about a lock comes through at once'
);
select is(current_setting('lock_timeout'), '0', 'the caller''s own lock_timeout is as before');
select is(current_setting('search_path'), '"$user", public', 'and its search_path');

select * from finish();
rollback;
