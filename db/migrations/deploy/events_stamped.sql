set search_path = pg_catalog, pg_temp;
begin;

do $$
begin
    if exists (
        select
        from pg_trigger as t
        where t.tgrelid = 'public.events'::regclass and t.tgname = 'stamp_writer'
            and t.tgfoid <> 'events_internal.stamp_writer'::regproc
    ) then
        raise 'public.events has a trigger stamp_writer that is not ours: rename it, and deploy again';
    end if;
    if not exists (
        select from pg_trigger as t where t.tgrelid = 'public.events'::regclass and t.tgname = 'stamp_writer'
    ) then
        -- Always: replication applies rows with the ordinary triggers off.
        call events_internal.execute_patiently(
            'create trigger stamp_writer before insert or update on public.events for each row'
            ' when (new.insert_xid is distinct from pg_current_xact_id())'
            ' execute function events_internal.stamp_writer()'
        );
        call events_internal.execute_patiently('alter table public.events enable always trigger stamp_writer');
    end if;
end;
$$;

comment on trigger stamp_writer on public.events is
'What is changed, or comes with somebody else''s id, bears the id of the transaction that really wrote it.
(created by session-events-api)';

commit;
