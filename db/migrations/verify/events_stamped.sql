set search_path = pg_catalog, pg_temp;

do $$
begin
    if not exists (
        select
        from pg_trigger as t
        where t.tgrelid = to_regclass('public.events') and t.tgname = 'stamp_writer' and t.tgenabled = 'A'
            and t.tgfoid = to_regproc('events_internal.stamp_writer')
    ) then
        raise 'the trigger stamp_writer on public.events is missing, another, or not enabled always'
            using hint = 'alter table public.events enable always trigger stamp_writer;';
    end if;
end;
$$;
