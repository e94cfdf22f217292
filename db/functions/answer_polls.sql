create or replace function api.answer_polls(
    p_polls text, p_max_bytes bigint default 134217728, p_way text default 'shared'
)
returns api."application/octet-stream"
language plpgsql
volatile
parallel unsafe
security definer
-- pg_temp by name and last: left out it is searched first, and a caller's own type would run with the definer's rights.
set search_path = pg_catalog, pg_temp
as $$
declare
    v_polls events_internal.poll[] := array(
        select p
        from json_populate_recordset(
            null::events_internal.poll,
            convert_from(
                decode(
                    replace(replace(p_polls, '-', '+'), '_', '/') || repeat('=', -octet_length(p_polls) & 3), 'base64'
                ),
                'UTF8'
            )::json
        ) as p
    );
    v_moment events_internal.moment;
begin
    v_moment := events_internal.read_moment();
    return (
        -- In the order of answers(), which is that of the polls; to sort would copy the items.
        select
            convert_to(
                concat(
                    '{"answers":[', string_agg(events_internal.answer_json(a), ','), '],"seconds":',
                    extract(epoch from clock_timestamp() - statement_timestamp()), E'}\n'
                ),
                'UTF8'
            ) || coalesce(string_agg(a.items, ''), '')
        from events_internal.answers(v_polls, v_moment, coalesce(p_max_bytes, 134217728), p_way) as a
    );
end;
$$;

comment on function api.answer_polls is
'Answers several polls in one call, for the proxy: what session_events() answers to each, as bytes.

p_polls      base64url of a JSON array of objects with session_id, since, event_type, limit, page, cursor, next, which
             are the arguments of session_events() (limit and page are required)
p_max_bytes  the largest JSON of a page, in bytes
p_way        ''shared'', ''alone'' or ''large'': how much work they may be (answers() says it). A poll that is more is
             answered {"way": "alone"} or {"way": "large"}: to be asked again by that one

Shape: a line of JSON, an object of answers, an array with one object a poll (answer_json()), and of seconds, how long
it took until they were there; then the items of each, JSON arrays, one after the other.
Rules: all answers are of one snapshot. What is wrong with one poll stands in its own object and is no SQL error. That
polls keep the rules of session_events() (check_poll()) is the proxy''s duty, which has told its clients of every fault
by then: here one that does not is an error for all, or is answered as far as it makes sense.
Errors: 22P02 and others for what is no such array; 25000 not in READ COMMITTED; 42501 row level security hides rows.
Example: select api.answer_polls(translate(encode(''[{"session_id": "8c6ea1d4-3a3c-4f8e-9f6d-2f1c9f0f7b11", "limit":
100,
    "page": 1}]'', ''base64''), E''+/=\n'', ''-_''));';
