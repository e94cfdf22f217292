create or replace function events_internal.refuse(p_answer events_internal.answer)
returns void
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    -- Empty where an earlier transaction of the connection had set it.
    if coalesce(current_setting('request.method', true), '') = '' then
        raise exception using
            errcode = p_answer.code,
            message = p_answer.message,
            detail = coalesce('largest_limit: ' || p_answer.largest_limit, ''),
            hint = p_answer.hint;
    end if;
    perform set_config('response.status', case p_answer.code when 'P0002' then '404' else '400' end, true);
    perform set_config(
        'response.headers', json_build_array(json_build_object('Events-Error', p_answer.code))::text, true
    );
end;
$$;

comment on function events_internal.refuse(events_internal.answer) is
'Refuses a call of session_events(): an error in SQL; under PostgREST status 404 or 400 with the header Events-Error.

The status spares PostgreSQL''s log an ERROR line for everything that a client sends.
Errors: the answer''s code (refusal()).
Example: session_events() calls it.';
