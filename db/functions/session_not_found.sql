create or replace function events_internal.session_not_found(p_session_id uuid)
returns void
language plpgsql
stable
parallel restricted
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    -- Empty where an earlier transaction of the connection had set it.
    if coalesce(current_setting('request.method', true), '') = '' then
        raise no_data_found using
            message = format('Session not found: %s', p_session_id),
            hint = 'List the sessions there are: select id, status from public.sessions order by created_at desc;';
    end if;
    perform set_config('response.status', '404', true);
    perform set_config('response.headers', '[{"Events-Error": "session-not-found"}]', true);
end;
$$;

comment on function events_internal.session_not_found(uuid) is
'Says that there is no such session: an error (P0002) in SQL; under PostgREST status 404 with the header Events-Error.

The status spares PostgreSQL''s log an ERROR line for every poll of a session that is gone.
Example: select events_internal.session_not_found(gen_random_uuid());';
