-- What replication, COPY and other writers bring is in tests/polling.
begin;
\ir fixtures.psql
select plan(18);

-- Contract
select pg_temp.has_contract(
    'events_internal.stamp_writer()', '', 'trigger', 'plpgsql', 'volatile'
);

-- Privileges
select pg_temp.is_private('events_internal.stamp_writer()');

-- Behaviour
create function pg_temp.xid_of(p_number integer) returns xid8
language sql
return (select e.insert_xid from public.events as e where e.id = pg_temp.id(p_number));
select pg_temp.add_session();
select pg_temp.add_event(1);
select is(pg_temp.xid_of(1), pg_current_xact_id(), 'an event bears the id of the transaction that writes it');
insert into public.events (id, session_id, event_type, event_data, "timestamp", insert_xid)
values (pg_temp.id(2), pg_temp.id(1), 'info', '{}', pg_temp.at(2), '3');
select is(pg_temp.xid_of(2), pg_current_xact_id(), 'also where the statement says another');
insert into public.events (id, session_id, event_type, event_data, "timestamp", insert_xid)
values (pg_temp.id(3), pg_temp.id(1), 'info', '{}', pg_temp.at(3), null);
select is(pg_temp.xid_of(3), pg_current_xact_id(), 'or none');
select pg_temp.add_event_of('3', number) from generate_series(4, 6) as number;
update public.events set message = 'changed' where id = pg_temp.id(4);
select is(pg_temp.xid_of(4), pg_current_xact_id(), 'a row that is changed bears the id of who changed it');
update public.events set insert_xid = '4' where id = pg_temp.id(4);
select is(pg_temp.xid_of(4), pg_current_xact_id(), 'whatever that says');
insert into public.events (id, session_id, event_type, event_data, "timestamp")
values (pg_temp.id(5), pg_temp.id(1), 'info', '{}', pg_temp.at(5))
on conflict (id) do update set message = 'upserted';
select is(pg_temp.xid_of(5), pg_current_xact_id(), 'so does one that an insert met');
select is(pg_temp.xid_of(6), '3'::xid8, 'what nobody touches stays as it is');
set local session_replication_role = replica;
update public.events set message = 'replicated' where id = pg_temp.id(6);
select is(pg_temp.xid_of(6), pg_current_xact_id(), 'replication is no exception');

select * from finish();
rollback;
