-- No SET clause, so that PostgreSQL can inline it; the body is bound when the function is made.
create or replace function events_internal.cursor_check(p_text text)
returns text
language sql
immutable
parallel safe
security invoker
return left(encode(sha256(convert_to(p_text, 'UTF8')), 'hex'), 8);

comment on function events_internal.cursor_check(text) is
'Eight digits that tell a whole cursor from a damaged one: a cursor cut short in its list of transactions would lose events.

Example: select events_internal.cursor_check(''anything'');';
