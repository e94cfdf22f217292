set search_path = pg_catalog, pg_temp;

-- Only ours: somebody else's of that name stays.
do $$
begin
    if exists (
        select
        from pg_attribute as a
        where a.attrelid = to_regclass('public.events') and a.attname = 'insert_xid' and not a.attisdropped
            and col_description(a.attrelid, a.attnum) like '%(created by session-events-api)'
    ) then
        call events_internal.execute_patiently('alter table public.events drop column insert_xid');
    end if;
end;
$$;
