-- No SET clause, so that PostgreSQL can inline it; the body is bound when the function is made.
create or replace function events_internal.token_tail(p_head bytea, p_session_id uuid, p_seal_key text)
returns text
language sql
stable
parallel safe
security invoker
return events_internal.token_text(
    uuid_send(p_session_id)
        || substr(sha256(p_head || uuid_send(p_session_id) || convert_to(p_seal_key, 'UTF8')), 1, 8)
);

comment on function events_internal.token_tail(bytea, uuid, text) is
'The last part of a cursor or next token: the session, and the seal over it and the head.

Rules: 24 bytes, as 32 letters. Whoever has not the key cannot make a seal, so what stands in a sealed head was written
here.
Errors: none of its own.
Example: select events_internal.token_tail(''\x000102'', gen_random_uuid(), ''key'');';
