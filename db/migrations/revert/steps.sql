-- Never drops a table that holds rows or that the deploy found in place.
begin;

do $$
begin
    if coalesce(obj_description(to_regclass('public.steps'), 'pg_class'), '') not like '%(created by session-events-api)' then
        raise notice 'public.steps belongs to the parent product and stays';
    elsif exists (select from public.steps) then
        raise notice 'public.steps holds rows and stays';
    else
        drop table public.steps;
    end if;
end;
$$;

commit;
