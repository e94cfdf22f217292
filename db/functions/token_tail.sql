-- No SET clause, so that PostgreSQL can inline it; the body is bound when the function is made.
create or replace function events_internal.token_tail(p_session_id uuid, p_head_digest bytea)
returns text
language sql
immutable
parallel safe
security invoker
return events_internal.token_text(
    uuid_send(p_session_id) || substr(sha256(p_head_digest || uuid_send(p_session_id)), 1, 8)
);

comment on function events_internal.token_tail(uuid, bytea) is
'The last part of a cursor or next token: the session, and the seal over it and the head.

p_head_digest  sha256(head || seal_key)

Rules: 24 bytes, as 32 letters. Whoever has not the key cannot make a seal, so what stands in a sealed head was written
here.
Errors: none of its own.
Example: select events_internal.token_tail(gen_random_uuid(), sha256(''anything''));';
