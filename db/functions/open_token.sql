-- No SET clause, so that PostgreSQL can inline it; the body is bound when the function is made.
create or replace function events_internal.open_token(
    p_token text, p_session_id uuid, p_kind text, p_history_id text, p_seal_key text
)
returns table (code text, fields text[])
language sql
stable
parallel safe
security invoker
begin atomic
    select
        case
            when parts.fields[1] is distinct from p_kind then 'SE001'
            when parts.fields[2] is distinct from p_history_id
                -- Which timelines a token may be of says token_code().
                and regexp_replace(parts.fields[2], '\.[^.]+', '')
                    is distinct from regexp_replace(p_history_id, '\.[^.]+', '')
                then case
                    when array_to_string(parts.fields[2:5], ' ') ~ '^[0-9]+\.[^ ]+ [0-9]+ [0-9]+ [0-9]+:[0-9]+:[0-9,]*$'
                        then 'SE003'
                    else 'SE001'
                end
            when parts.seal <> substr(sha256(parts.sealed || convert_to(p_seal_key, 'UTF8')), 1, 8) then 'SE001'
            when parts.session <> uuid_send(p_session_id) then 'SE002'
        end,
        parts.fields
    from (
        select
            -- 'escape' takes any byte, so that noise fails at its meaning and not with an encoding error.
            string_to_array(rtrim(encode(substr(token.bytes, 1, length(token.bytes) - 24), 'escape')), ' ') as fields,
            substr(token.bytes, 1, length(token.bytes) - 8) as sealed,
            substr(token.bytes, length(token.bytes) - 23, 16) as session,
            substr(token.bytes, length(token.bytes) - 7) as seal
        from (
            select case
                when p_token !~ '[^A-Za-z0-9_-]' and octet_length(p_token) % 4 = 0 and octet_length(p_token) >= 36
                    then decode(replace(replace(p_token, '-', '+'), '_', '/'), 'base64')
            end as bytes
            -- Computed once, not once for each use: what is pulled up is written out at every place.
            offset 0
        ) as token
        offset 0
    ) as parts
    where p_token is not null;
end;

comment on function events_internal.open_token(text, uuid, text, text, text) is
'What a cursor or next token says: its fields, or why it cannot be taken. No row for no token.

p_kind  ''2c'' a cursor, ''2w'' a next token

Rules: never raises, so that a client cannot fill the log. The fields of a token without a code were written by
make_token().
Codes: SE001 malformed; SE002 of another session; SE003 of another database or table, or of before begin_new_history().
Errors: none of its own.
Example: select * from events_internal.open_token(''AAAA'', gen_random_uuid(), ''2c'', ''1.1.1.1'', ''key'');';
