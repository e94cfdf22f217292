set search_path = pg_catalog, pg_temp;
begin;

do $$
declare
    v_schema name;
begin
    for v_schema in
        select n.nspname
        from pg_namespace as n
        where n.nspname in ('api', 'events_internal')
            and obj_description(n.oid, 'pg_namespace') like '%(created by session-events-api)'
    loop
        execute format('drop schema %I', v_schema);
    end loop;
end;
$$;

commit;
