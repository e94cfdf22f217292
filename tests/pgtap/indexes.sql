begin;
\ir fixtures.psql
select plan(18);

-- Contract
select is(
    pg_get_indexdef(to_regclass('public.' || i.name)),
    format('CREATE INDEX %s ON public.events USING btree (%s', i.name, i.keys),
    format('%s has its columns', i.name)
)
from (values
    ('events_by_time', 'session_id, "timestamp", id)'),
    ('events_by_type', 'session_id, event_type, "timestamp", id)'),
    ('events_by_xid', 'session_id, insert_xid)')
) as i (name, keys);
select ok(
    (select i.indisvalid and i.indisready from pg_index as i where i.indexrelid = to_regclass('public.' || name)),
    format('%s is valid', name)
)
from unnest(array['events_by_time', 'events_by_type', 'events_by_xid']) as name;
select isnt(obj_description(to_regclass('public.' || name)), null, format('a comment says what %s serves', name))
from unnest(array['events_by_time', 'events_by_type', 'events_by_xid']) as name;

-- The parent product's own, where we make its tables
select is(
    array(
        select format('%s (%s)', i.indexrelid::regclass, substring(pg_get_indexdef(i.indexrelid) from '\((.*)\)$'))
        from pg_index as i
        where i.indrelid = t.name::regclass and i.indexrelid::regclass::text like 'ix\_%'
        order by 1
    ),
    t.indexes,
    format('%s has the parent product''s indexes', t.name)
)
from (values
    ('public.sessions', array['ix_sessions_created_at (created_at)', 'ix_sessions_project_path (project_path)',
        'ix_sessions_status (status)']),
    ('public.steps', array['ix_steps_sequence (session_id, sequence)', 'ix_steps_session_id (session_id)',
        'ix_steps_status (status)']),
    ('public.events', array['ix_events_event_type (event_type)', 'ix_events_session_id (session_id)',
        'ix_events_step_id (step_id)', 'ix_events_timestamp ("timestamp")'])
) as t (name, indexes);
select is(
    (select count(*)::integer from pg_index as i where i.indrelid = t.name::regclass), t.indexes,
    format('%s has no others', t.name)
)
from (values ('public.sessions', 4), ('public.steps', 4), ('public.events', 8)) as t (name, indexes);

-- Behaviour: each answers its question alone, in its order. That it is also chosen among the others is in tests/plans.
create function pg_temp.plan_with_only(p_index regclass, p_query text) returns text
language plpgsql
as $$
declare
    v_line text;
    v_plan text := '';
begin
    for v_line in
        select format('drop index %s', i.indexrelid::regclass)
        from pg_index as i
        where i.indrelid = 'public.events'::regclass and i.indexrelid <> p_index and not i.indisprimary
    loop
        execute v_line;
    end loop;
    for v_line in execute 'explain (costs off) ' || p_query loop
        v_plan := v_plan || v_line || E'\n';
    end loop;
    raise sqlstate 'OK000' using message = v_plan;
exception
    when sqlstate 'OK000' then return sqlerrm; -- and the indexes are back
end;
$$;
set local enable_seqscan = off;
set local enable_bitmapscan = off;
select alike(
    pg_temp.plan_with_only(
        q.index::regclass,
        format('select %s from public.events where session_id = pg_temp.id(1) and %s', q.columns, q.rest)
    ),
    q.plan || q.index || ' %', format('%s answers alone', q.index)
)
from (values
    ('events_by_time', 'id', '"timestamp" >= pg_temp.at(1) order by "timestamp" desc, id desc limit 10',
        E'Limit\n  ->  Index Only Scan Backward using '),
    ('events_by_type', 'id',
        'event_type = ''info'' and "timestamp" >= pg_temp.at(1) order by "timestamp" desc, id desc limit 10',
        E'Limit\n  ->  Index Only Scan Backward using '),
    ('events_by_xid', '*', 'insert_xid >= ''5''', 'Index Scan using ')
) as q (index, columns, rest, plan);

select * from finish();
rollback;
