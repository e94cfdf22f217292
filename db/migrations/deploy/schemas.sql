begin;

create schema api;
comment on schema api is 'What PostgREST exposes: session_events() and its row type, nothing else.';

create schema events_internal;
comment on schema events_internal is 'The parts of api.session_events(). Nothing here is exposed.';

commit;
