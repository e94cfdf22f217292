create or replace function events_internal.refusal(
    p_code text,
    p_session_id uuid,
    p_token text,
    p_bytes bigint,
    p_max_bytes bigint,
    p_largest_limit integer
)
returns text[]
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    case p_code
        when 'P0002' then
            return array[
                format('Session not found: %s', p_session_id),
                'Check the id of the session; it may have been deleted.'
            ];
        when 'SE001' then
            return array[
                format('The %s is malformed.', p_token),
                format('Send the %s of an earlier answer unchanged, or start again without it.', p_token)
            ];
        when 'SE002' then
            return array[
                format('The %s belongs to another session.', p_token),
                'Start again without it.'
            ];
        when 'SE003' then
            return array[
                format('The %s belongs to another database, or to a history that this one has lost.', p_token),
                'Start again without it.'
            ];
        when 'SE005' then
            return array[
                coalesce(
                    'This server does not show yet what the ' || p_token || ' has seen.',
                    'This server does not know yet whether what it shows is still true.'
                ),
                coalesce('Try again soon, with the same ' || p_token || '.', 'Try again soon.')
            ];
        when 'SE004' then
            return array[
                format(
                    'The page is %s bytes, more than the %s that one answer may have%s', p_bytes, p_max_bytes,
                    coalesce('; limit=' || p_largest_limit || ' fits.', ', and one of its events alone is larger.')
                ),
                coalesce(
                    'Ask with limit=' || p_largest_limit || '.',
                    'Ask for other pages, times or types; only the operator can allow larger answers.'
                )
            ];
    end case;
end;
$$;

comment on function events_internal.refusal(text, uuid, text, bigint, bigint, integer) is
'The one table of what answers() refuses: {message, hint} of a code, for clients.

P0002  no such session                     p_session_id
SE001  malformed cursor or next            p_token: which of the two
SE002  of another session                  p_token
SE003  of another database or table, or of a history that this one has lost    p_token
SE005  a server that lags behind the token, or (p_token is null) that is not sure of its history
SE004  the page is too large               p_bytes, p_max_bytes, p_largest_limit (null: no limit fits)

Errors: 20000 for another code.
Example: select * from events_internal.refusal(''SE001'', null, ''cursor'', null, null, null);';
