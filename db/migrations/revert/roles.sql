set search_path = pg_catalog, pg_temp;
-- Roles that another database of the cluster still uses stay; the reader's grants tell, the authenticator owns nothing.
do $$
declare
    v_role text;
begin
    foreach v_role in array
        array['session_events_reader', 'session_events_definer', 'session_events_authenticator']
    loop
        if v_role = 'session_events_authenticator' and to_regrole('session_events_reader') is not null then
            raise notice 'role % is used by another database and stays', v_role;
            continue;
        end if;
        continue when coalesce(shobj_description(to_regrole(v_role), 'pg_authid'), '')
            not like '%(created by session-events-api)';
        begin
            execute format('drop role %I', v_role);
        exception
            when dependent_objects_still_exist then
                raise notice 'role % is used by another database and stays', v_role;
            when insufficient_privilege then
                raise notice 'role % stays, because % may not drop it', v_role, current_user;
        end;
    end loop;
end;
$$;
