-- The parent product's tables, as an empty database gets them, and our one column of them.
begin;
\ir fixtures.psql
select plan(23);

-- Contract
create function pg_temp.columns_of(p_table regclass) returns text[]
language sql
return array(
    select
        concat_ws(
            ' ', a.attname, format_type(a.atttypid, a.atttypmod), case when not a.attnotnull then 'null' end,
            'default ' || pg_get_expr(d.adbin, d.adrelid)
        )
    from pg_attribute as a
    left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = p_table and a.attnum > 0 and not a.attisdropped
    order by a.attnum
);
create function pg_temp.constraints_of(p_table regclass) returns text[]
language sql
return array(
    select pg_get_constraintdef(c.oid)
    from pg_constraint as c where c.conrelid = p_table and c.contype <> 'n' order by 1 desc
);
select is(
    pg_temp.columns_of('public.sessions'),
    array[
        'id uuid', 'session_type character varying(50)', 'status character varying(20)', 'mode character varying(20)',
        'project_path text', 'config jsonb', 'result jsonb null', 'error_message text null',
        'created_at timestamp with time zone',
        'updated_at timestamp with time zone', 'completed_at timestamp with time zone null'
    ],
    'sessions has the columns of the parent product, and no defaults'
);
select is(
    pg_temp.columns_of('public.steps'),
    array[
        'id uuid', 'session_id uuid', 'code character varying(100)', 'name character varying(255)',
        'status character varying(20)', 'sequence integer', 'inputs jsonb', 'outputs jsonb null',
        'error_message text null',
        'retry_count integer', 'started_at timestamp with time zone null', 'completed_at timestamp with time zone null',
        'created_at timestamp with time zone'
    ],
    'so has steps'
);
select is(
    pg_temp.columns_of('public.events'),
    array[
        'id uuid', 'session_id uuid', 'step_id uuid null', 'event_type character varying(100)', 'event_data jsonb',
        'message text null', 'timestamp timestamp with time zone', 'insert_xid xid8 default pg_current_xact_id()'
    ],
    'so has events, with our column last'
);
select is(pg_temp.constraints_of('public.sessions'), array['PRIMARY KEY (id)'], 'sessions has its key');
select is(
    pg_temp.constraints_of('public.steps'),
    array['PRIMARY KEY (id)', 'FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE'],
    'steps go with their session'
);
select is(
    pg_temp.constraints_of('public.events'),
    array[
        'PRIMARY KEY (id)', 'FOREIGN KEY (step_id) REFERENCES steps(id) ON DELETE CASCADE',
        'FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE'
    ],
    'events go with their session and with their step'
);
select isnt(
    col_description('public.events'::regclass, a.attnum), null,
    'a comment tells the parent''s developers what insert_xid is'
)
from pg_attribute as a
where a.attrelid = 'public.events'::regclass and a.attname = 'insert_xid';
select matches(
    obj_description(('public.' || name)::regclass, 'pg_class'), '\(created by session-events-api\)$',
    format('%s remembers who made it, for the revert', name)
)
from unnest(array['sessions', 'steps', 'events']) as name;
select results_eq(
    $$
    select t.tgrelid::regclass::text, t.tgname::text collate "default", t.tgfoid::regprocedure::text,
        t.tgenabled::text collate "default"
    from pg_trigger as t
    where t.tgrelid in ('public.sessions'::regclass, 'public.steps'::regclass, 'public.events'::regclass)
        and not t.tgisinternal
    $$,
    $$ values ('events', 'stamp_writer', 'events_internal.stamp_writer()', 'A') $$,
    'one trigger of ours runs when the application writes, always: in replication too'
);
select matches(
    pg_get_triggerdef(t.oid),
    'BEFORE INSERT OR UPDATE ON public.events FOR EACH ROW '
    'WHEN \(\(new.insert_xid IS DISTINCT FROM pg_current_xact_id\(\)\)\)',
    'it does nothing where the column''s default has done it'
)
from pg_trigger as t
where t.tgname = 'stamp_writer';
select matches(
    obj_description(t.oid, 'pg_trigger'), '\(created by session-events-api\)$', 'and remembers who made it'
)
from pg_trigger as t
where t.tgname = 'stamp_writer';
select is(
    pg_temp.columns_of('events_internal.epoch'),
    array['singleton boolean default true', 'key text', 'began_at timestamp with time zone'],
    'a table of our own has the epoch'
);
select throws_ok(
    'insert into events_internal.epoch select false, key, began_at from events_internal.epoch', '23514', null,
    'of which there is one'
);
select is((select count(*)::integer from events_internal.epoch), 1, 'and which the deployment has begun');
select isnt(obj_description('events_internal.epoch'::regclass, 'pg_class'), null, 'a comment says what it is');

-- Behaviour: what the application does without knowing of our column
select lives_ok(
    format($$
        insert into public.sessions
        values (%L, 'unit_tests', 'pending', 'autonomous', '/srv', '{}', null, null, now(), now(), null)
    $$, pg_temp.id(1)),
    'a session without column names'
);
select lives_ok(
    format(
        'insert into public.events values (%L, %L, null, ''info'', ''{}'', null, now())', pg_temp.id(1), pg_temp.id(1)
    ),
    'an event without column names, by its seven values'
);
select is(
    (select e.insert_xid from public.events as e where e.id = pg_temp.id(1)), pg_current_xact_id(),
    'it is told which transaction wrote it'
);
savepoint within;
select pg_temp.add_event(2);
release savepoint within;
select is(
    (select e.insert_xid from public.events as e where e.id = pg_temp.id(2)), pg_current_xact_id(),
    'within a savepoint too it is the transaction that commits'
);
update public.events set message = 'changed' where id = pg_temp.id(1);
select is(
    (select e.insert_xid from public.events as e where e.id = pg_temp.id(1)), pg_current_xact_id(),
    'an update says which transaction changed it'
);
delete from public.sessions where id = pg_temp.id(1);
select is_empty(
    'select * from public.events where session_id = pg_temp.id(1)', 'deleting a session deletes its events'
);

select * from finish();
rollback;
