-- No SET clause, so that PostgreSQL can inline it; the body is bound when the function is made.
create or replace function events_internal.session_json(
    p_status text, p_session_type text, p_project_path text, p_created_at timestamptz, p_completed_at timestamptz
)
returns text
language sql
stable
parallel safe
security invoker
return concat(
    '{"status":', to_json(p_status),
    ',"ended":', case when events_internal.has_ended(p_status) then 'true' else 'false' end,
    ',"session_type":', to_json(p_session_type),
    ',"project_path":', to_json(p_project_path),
    ',"created_at":"', events_internal.iso_timestamp(p_created_at),
    '","completed_at":', coalesce('"' || events_internal.iso_timestamp(p_completed_at) || '"', 'null'),
    '}'
);

comment on function events_internal.session_json(text, text, text, timestamptz, timestamptz) is
'A session as it stands in an answer: status, ended, session_type, project_path, created_at, completed_at.

Errors: none of its own.
Example: select events_internal.session_json(''paused'', ''unit_tests'', ''/srv/shop'', now(), null);';
