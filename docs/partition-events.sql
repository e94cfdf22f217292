-- Replaces public.events, adopted already, by a partitioned table of the same columns, defaults, triggers, owner,
-- rights and indexes.
--   psql --set=strategy='range ("timestamp")' --set=key='"timestamp"' --file=docs/partition-events.sql
--   psql --set=strategy='hash (session_id)' --set=key=session_id --file=docs/partition-events.sql
-- The partitions, and the rows, which stay in public.events_before, are yours to bring in. Stop PostgREST meanwhile.
\set ON_ERROR_STOP 1
begin;
lock table public.events in access exclusive mode;
alter table public.events rename to events_before;
-- The parent product's own serve its cascades: without ix_events_step_id each deleted step reads every partition.
select format('alter index public.%I rename to %I', c.relname, 'before_' || c.relname)
from pg_index as i
join pg_class as c on c.oid = i.indexrelid
where i.indrelid = 'public.events_before'::regclass and not i.indisunique
\gexec

create table public.events (
    like public.events_before including defaults including comments,
    primary key (id, :key),
    foreign key (session_id) references public.sessions (id) on delete cascade,
    foreign key (step_id) references public.steps (id) on delete cascade
) partition by :strategy;

-- CONCURRENTLY is not for partitioned tables; there is nothing to wait for while they are empty.
select format(
    'create index %I on public.events %s', substr(c.relname, length('before_') + 1),
    substring(pg_get_indexdef(c.oid) from 'USING .*')
)
from pg_index as i
join pg_class as c on c.oid = i.indexrelid
where i.indrelid = 'public.events_before'::regclass and not i.indisunique
\gexec
select format('comment on index public.%I is %L', substr(c.relname, length('before_') + 1), d.description)
from pg_index as i
join pg_class as c on c.oid = i.indexrelid
join pg_description as d on d.objoid = c.oid and d.classoid = 'pg_class'::regclass and d.objsubid = 0
where i.indrelid = 'public.events_before'::regclass and not i.indisunique
\gexec
select format('comment on table public.events is %L', obj_description('public.events_before'::regclass, 'pg_class'))
\gexec
select replace(pg_get_triggerdef(t.oid), 'public.events_before', 'public.events')
from pg_trigger as t
where t.tgrelid = 'public.events_before'::regclass and not t.tgisinternal
\gexec
select format('alter table public.events enable always trigger %I', t.tgname)
from pg_trigger as t
where t.tgrelid = 'public.events_before'::regclass and t.tgenabled = 'A'
\gexec
select format('alter table public.events owner to %s', c.relowner::regrole)
from pg_class as c
where c.oid = 'public.events_before'::regclass
\gexec
select format(
    'grant %s on public.events to %s%s', acl.privilege_type,
    case acl.grantee when 0 then 'public' else acl.grantee::regrole::text end,
    case when acl.is_grantable then ' with grant option' end
)
from pg_class as c
cross join aclexplode(c.relacl) as acl
where c.oid = 'public.events_before'::regclass and acl.grantee <> c.relowner
\gexec
commit;
