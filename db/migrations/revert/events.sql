-- Never drops a table that holds rows or that the deploy found in place.
begin;

do $$
begin
    if coalesce(obj_description(to_regclass('public.events'), 'pg_class'), '') not like '%(created by session-events-api)' then
        raise notice 'public.events belongs to the parent product and stays';
    elsif exists (select from public.events) then
        raise notice 'public.events holds rows and stays';
    else
        drop table public.events;
    end if;
end;
$$;

commit;
