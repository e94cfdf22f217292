create or replace function events_internal.answer_headers(p_answer events_internal.answer)
returns json
language plpgsql
stable
parallel restricted
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select json_agg(json_build_object(header.name, header.value))
        from (
            values
            ('Session-Status', p_answer.status),
            ('Total-Count', p_answer.total::text),
            ('Page', p_answer.page::text),
            ('Per-Page', p_answer.per_page::text),
            ('Events-Timestamp', p_answer."timestamp"),
            ('Events-Cursor', p_answer.cursor),
            ('Events-Next', p_answer.next)
        ) as header (name, value)
        where header.value is not null
    );
end;
$$;

comment on function events_internal.answer_headers(events_internal.answer) is
'What an answer says beside its rows, as PostgREST takes headers: a JSON array with one object a header.

Errors: none of its own.
Example: session_events() calls it.';
