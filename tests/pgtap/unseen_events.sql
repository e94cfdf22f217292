begin;
\ir fixtures.psql
select plan(26);

-- Contract
select pg_temp.has_contract(
    'events_internal.unseen_events(uuid, pg_snapshot, pg_snapshot)',
    'p_session_id uuid, p_seen pg_snapshot, p_as_of pg_snapshot', 'SETOF events_internal.page_event', 'sql', 'stable',
    null
);

-- Privileges
select pg_temp.is_private('events_internal.unseen_events(uuid, pg_snapshot, pg_snapshot)');

-- Behaviour
create function pg_temp.unseen(p_seen text, p_as_of text default null, p_session integer default 1) returns integer[]
language sql
return array(
    select right(u.id::text, 12)::integer as number
    from events_internal.unseen_events(pg_temp.id(p_session), p_seen::pg_snapshot, p_as_of::pg_snapshot) as u
    order by number
);
select pg_temp.add_session(1);
select pg_temp.add_session(2);
select pg_temp.add_event_of(n::text::xid8, n) from generate_series(3, 9) as n;
select pg_temp.add_event(20);
select pg_temp.add_event_of('8000000000000000000', 21);
select pg_temp.add_event_of('5', 22, p_session => 2);
select is(pg_temp.unseen(u.seen, u.as_of), u.expected, u.description)
from (values
    ('3:3:', null, array[3, 4, 5, 6, 7, 8, 9, 20], 'what a snapshot has not seen; ids not given out yet are not told'),
    ('5:8:5,7', null, array[5, 7, 8, 9, 20], 'who was in flight, and who came later'),
    ('10:10:', null, array[20], 'the caller''s own'),
    ('4:9:4,5,6,7,8', null, array[4, 5, 6, 7, 8, 9, 20], 'each once, however many were'),
    ('5:10:5', null, array[5, 20], 'an old one, and nothing between'),
    ('5:8:5,7', '9:9:', array[5, 7, 8, 20], 'no later than another snapshot, but for the caller''s own'),
    ('5:8:5,7', '5:9:5', array[7, 8, 20], 'nor what was in flight for that'),
    ('3:3:', '3:3:', array[20], 'so nothing new within one'),
    ('8000000000000000001:8000000000000000001:', null, array[]::integer[],
        'a snapshot that saw everything leaves nothing'),
    (null, null, array[]::integer[], 'without a snapshot nothing')
) as u (seen, as_of, expected, description);
select is(pg_temp.unseen('3:3:', p_session => 2), array[22], 'of one session alone');
select is(pg_temp.unseen('3:3:', p_session => 9), array[]::integer[], 'of none, nothing');
select is(pg_temp.unseen('3:3:', p_session => null), array[]::integer[], 'nor of null');
select row_eq(
    'select u.* from events_internal.unseen_events(pg_temp.id(2), ''3:3:'', null) as u',
    row(pg_temp.id(22), pg_temp.id(2), null, 'info', pg_temp.at(22), null, '{}')::events_internal.page_event,
    'each with all that is printed of it'
);
update public.events set message = 'changed' where id = pg_temp.id(3);
select is(pg_temp.unseen('20:20:'), array[3, 20], 'a row that is changed is unseen again');
delete from public.events where id = pg_temp.id(3);
select is(pg_temp.unseen('20:20:'), array[20], 'one that is deleted is not');

select * from finish();
rollback;
