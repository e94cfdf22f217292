set search_path = pg_catalog, pg_temp;

-- Only ours: somebody else's of that name stays.
do $$
begin
    if exists (
        select
        from pg_trigger as t
        where t.tgrelid = 'public.events'::regclass and t.tgname = 'stamp_writer'
            and t.tgfoid = to_regproc('events_internal.stamp_writer')
    ) then
        call events_internal.execute_patiently('drop trigger stamp_writer on public.events');
    end if;
end;
$$;
