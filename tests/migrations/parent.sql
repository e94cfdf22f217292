-- The parent product's tables as its own Alembic migrations leave them, in use: with its indexes and with rows.
create table sessions (
    id uuid not null,
    session_type varchar(50) not null,
    status varchar(20) not null,
    mode varchar(20) not null,
    project_path text not null,
    config jsonb not null,
    result jsonb,
    error_message text,
    created_at timestamp with time zone not null,
    updated_at timestamp with time zone not null,
    completed_at timestamp with time zone,
    primary key (id)
);
create index ix_sessions_created_at on sessions (created_at);
create index ix_sessions_project_path on sessions (project_path);
create index ix_sessions_status on sessions (status);

create table steps (
    id uuid not null,
    session_id uuid not null,
    code varchar(100) not null,
    name varchar(255) not null,
    status varchar(20) not null,
    sequence integer not null,
    inputs jsonb not null,
    outputs jsonb,
    error_message text,
    retry_count integer not null,
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    created_at timestamp with time zone not null,
    primary key (id),
    foreign key (session_id) references sessions (id) on delete cascade
);
create index ix_steps_sequence on steps (session_id, sequence);
create index ix_steps_session_id on steps (session_id);
create index ix_steps_status on steps (status);

create table events (
    id uuid not null,
    session_id uuid not null,
    step_id uuid,
    event_type varchar(100) not null,
    event_data jsonb not null,
    message text,
    timestamp timestamp with time zone not null,
    primary key (id),
    foreign key (session_id) references sessions (id) on delete cascade,
    foreign key (step_id) references steps (id) on delete cascade
);
create index ix_events_event_type on events (event_type);
create index ix_events_session_id on events (session_id);
create index ix_events_step_id on events (step_id);
create index ix_events_timestamp on events (timestamp);

insert into sessions
select
    ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'unit_tests', 'completed', 'autonomous',
    '/srv/shop', '{}', null, null,
    timestamptz '2026-01-13 14:30:00+00', now(), now()
from generate_series(1, 3) as n;
insert into steps
select gen_random_uuid(), s.id, 'analyse', 'Analyse the project', 'completed', 1, '{}', null, null, 0, null, null, now()
from sessions as s;
insert into events
select gen_random_uuid(), s.session_id, s.id, 'info', '{"n": 1}', 'line ' || n, now() - n * interval '1 second'
from steps as s
cross join generate_series(1, 1000) as n;
