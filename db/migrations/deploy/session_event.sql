set search_path = pg_catalog, pg_temp;
begin;

create type api.session_event as (
    id uuid,
    session_id uuid,
    step_id uuid,
    event_type text,
    "timestamp" text,
    message text,
    event_data jsonb
);

comment on type api.session_event is 'An event as api.session_events() returns it.';
comment on column api.session_event.step_id is 'The step that the event belongs to, or null.';
comment on column api.session_event."timestamp" is 'When the application wrote the event: UTC, six fraction digits, Z.';
comment on column api.session_event.message is 'For people, or null.';
comment on column api.session_event.event_data is 'What belongs to this type of event.';

commit;
