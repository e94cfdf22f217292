set search_path = pg_catalog, pg_temp;
begin;

create schema api;
comment on schema api is
'What PostgREST exposes: functions and what they return, nothing else. (created by session-events-api)';

create schema events_internal;
comment on schema events_internal is
'The parts of what is in api. Nothing here is exposed. (created by session-events-api)';

commit;
