create or replace function events_internal.make_token(p_text text, p_session_id uuid, p_seal_key text)
returns text
language plpgsql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_head bytea := events_internal.token_head(p_text);
begin
    return events_internal.token_text(v_head) || events_internal.token_tail(v_head, p_session_id, p_seal_key);
end;
$$;

comment on function events_internal.make_token(text, uuid, text) is
'A cursor or next token of a session: base64url of the text, the session and a seal.

Cursor: "2c history_id incarnation durable_xid snapshot told_lsn"; about 140 characters, at most 2,130. The snapshot is
the one that its answer told, told_lsn a position in the WAL by which it had; history(), told_snapshot(), answers().
Next token: "2w" and the same five, then what is left to read (next_token()).
Errors: none of its own.
Example: select events_internal.make_token(''2c anything'', gen_random_uuid(), ''key'');';
