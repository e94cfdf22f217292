create or replace function api.session_events(
    p_session_id uuid,
    p_since timestamptz default null,
    p_event_type text default null,
    p_limit bigint default 100,
    p_page bigint default 1,
    p_cursor text default null,
    p_max_bytes bigint default 134217728,
    p_next text default null
)
returns setof api.session_event
language plpgsql
volatile
parallel unsafe
rows 100
security definer
-- pg_temp by name and last: left out it is searched first, and a caller's own type would run with the definer's rights.
set search_path = pg_catalog, pg_temp
as $$
declare
    v_poll events_internal.poll;
    v_max_bytes bigint := coalesce(p_max_bytes, 134217728);
    v_moment events_internal.moment;
    v_answer events_internal.answer;
begin
    v_poll := row(p_session_id, p_since, p_event_type, coalesce(p_limit, 100), coalesce(p_page, 1), p_cursor, p_next);
    perform events_internal.check_poll(v_poll, v_max_bytes);
    v_moment := events_internal.read_moment();
    select a.* into v_answer from events_internal.answers(array[v_poll], v_moment, v_max_bytes, 'large') as a;
    if v_answer.code is not null then
        perform events_internal.refuse(v_answer);
        return;
    end if;
    perform set_config('response.headers', events_internal.answer_headers(v_answer)::text, true);
    return query
        select
            e.id, e.session_id, e.step_id, e.event_type, e."timestamp", e.message,
            -- The column has no null: it was JSON's.
            coalesce(e.event_data, 'null')
        from json_populate_recordset(null::api.session_event, convert_from(v_answer.items, 'UTF8')::json) as e;
end;
$$;

comment on function api.session_events is
'One page of a session''s events, newest first, with what a client needs to page and to poll on.

p_session_id  the session; no such session is an error (P0002), under PostgREST a 404
p_since       only events whose timestamp is strictly after; excludes p_cursor
p_event_type  only events of exactly this type
p_limit       events on a page, at least 1; null is 100; above 1000 it is 1000
p_page        which page, from 1; null is 1; past the end there are no rows
p_cursor      only events that the answer with this cursor could not yet see, and changed ones again; excludes p_since
p_max_bytes   the largest JSON of a page, in bytes; null is 134217728
p_next        the page after the answer that gave it out, of that answer''s snapshot; it knows filters, limit and page,
              which are left out

Rules: filters apply before p_limit and p_page. Order: timestamp descending, then id descending. The rest of the answer
is in the setting response.headers (JSON, for PostgREST) until the transaction ends: Session-Status, Total-Count, Page,
Per-Page, Events-Timestamp (for the next p_since), Events-Cursor (for the next p_cursor) and Events-Next (for p_next;
none on the last page), all of the rows'' own snapshot.
Guarantee: whoever follows the cursor loses no event, whatever the clocks and the order of commits (docs/guarantees.md).
VOLATILE, because the oldest writer must be read in a snapshot before that of the rows.
Errors: 22023 an argument breaks a rule; 25000 not in READ COMMITTED; 42501 row level security hides rows; P0002 no such
session; SE001 malformed cursor or next; SE002 of another session; SE003 of another database or a lost history; SE004
page too large; SE005 a server that lags behind the cursor, or a standby that is not sure of its history.
Example: select * from api.session_events(''8c6ea1d4-3a3c-4f8e-9f6d-2f1c9f0f7b11'', p_event_type => ''error'');
    begin; select * from api.session_events(…); select current_setting(''response.headers''); commit;';
