-- No SET clause, so that PostgreSQL can inline it; the body is bound when the function is made.
create or replace function events_internal.has_ended(p_status text)
returns boolean
language sql
immutable
parallel safe
security invoker
return p_status in ('completed', 'failed', 'cancelled');

comment on function events_internal.has_ended(text) is
'Whether a session of this status has ended; a status that we do not know has not.

Errors: none of its own.
Example: select events_internal.has_ended(''paused'');  -- f';
