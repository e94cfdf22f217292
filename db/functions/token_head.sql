-- No SET clause, so that PostgreSQL can inline it; the body is bound when the function is made.
create or replace function events_internal.token_head(p_text text)
returns bytea
language sql
stable
parallel safe
security invoker
-- A multiple of three bytes becomes base64 without padding, so that head and tail can be encoded apart.
return convert_to(rpad(p_text, (length(p_text) + 2) / 3 * 3), 'UTF8');

comment on function events_internal.token_head(text) is
'The first part of a cursor or next token, which all answers of one call share: fields of ASCII text with spaces
between.

Errors: none of its own.
Example: select events_internal.token_head(''2c anything'');';
