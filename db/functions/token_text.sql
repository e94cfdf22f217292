-- No SET clause, so that PostgreSQL can inline it; the body is bound when the function is made.
create or replace function events_internal.token_text(p_bytes bytea)
returns text
language sql
immutable
parallel safe
security invoker
return replace(replace(replace(encode(p_bytes, 'base64'), '+', '-'), '/', '_'), E'\n', '');

comment on function events_internal.token_text(bytea) is
'Bytes as base64url, for a multiple of three bytes.

Errors: none of its own.
Example: select events_internal.token_text(''\x000102'');';
