-- No SET clause, so that PostgreSQL can inline it; the body is bound when the function is made.
create or replace function events_internal.event_json(p_event events_internal.page_event)
returns text
language sql
stable
parallel safe
security invoker
return row_to_json(
    row(
        p_event.id, p_event.session_id, p_event.step_id, p_event.event_type,
        events_internal.iso_timestamp(p_event."timestamp"), p_event.message, p_event.event_data
    )::api.session_event
)::text;

comment on function events_internal.event_json(events_internal.page_event) is
'An event as it stands in an answer''s items.

Errors: 54000 where one event is more than PostgreSQL can print.
Example: print_page() calls it.';
