-- No SET clause, so that PostgreSQL can inline it; the body is bound when the function is made.
create or replace function events_internal.answer_json(p_answer events_internal.answer)
returns text
language sql
stable
parallel safe
security invoker
return case
    when p_answer.code is not null then json_build_object(
        'code', p_answer.code, 'message', p_answer.message, 'hint', p_answer.hint,
        'largest_limit', p_answer.largest_limit
    )::text
    when p_answer.way is not null then json_build_object('way', p_answer.way)::text
    else concat(
        '{"items":', length(p_answer.items), ',"returned":', p_answer.returned, ',"total":', p_answer.total,
        ',"page":', p_answer.page, ',"per_page":', p_answer.per_page,
        ',"next":', coalesce('"' || p_answer.next || '"', 'null'),
        ',"ended":', case when events_internal.has_ended(p_answer.status) then 'true' else 'false' end,
        ',"session":', to_json(p_answer.session),
        ',"timestamp":"', p_answer."timestamp", '","cursor":"', p_answer.cursor, '"}'
    )
end;

comment on function events_internal.answer_json(events_internal.answer) is
'An answer as the proxy reads it (proxy/postgrest.py), but for its items: how many bytes they have stands in it.

Shape: {items, returned, total, page, per_page, next, ended, session, timestamp, cursor}, or {code, message, hint,
largest_limit}, or {way}.
Errors: none of its own.
Example: answer_polls() calls it.';
