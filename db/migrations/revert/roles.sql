-- A role that another database of the cluster still uses stays.
do $$
declare
    v_role text;
begin
    foreach v_role in array array['session_events_authenticator', 'session_events_reader', 'session_events_definer'] loop
        begin
            execute format('drop role if exists %I', v_role);
        exception
            when dependent_objects_still_exist then
                raise notice 'role % is used by another database and stays', v_role;
        end;
    end loop;
end;
$$;
