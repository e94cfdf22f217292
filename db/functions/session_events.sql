create or replace function api.session_events(
    p_session_id uuid,
    p_since timestamptz default null,
    p_event_type text default null,
    p_limit bigint default 100,
    p_page bigint default 1,
    p_cursor text default null,
    p_max_bytes bigint default 134217728
)
returns setof api.session_event
language plpgsql
volatile
parallel restricted
rows 100
security definer
-- pg_temp by name and last: left out it is searched first, and a caller's own type would run with the definer's rights.
set search_path = pg_catalog, pg_temp
as $$
declare
    c_default_limit constant bigint := 100;
    c_largest_limit constant bigint := 1000;
    v_limit bigint := coalesce(p_limit, c_default_limit);
    v_page bigint := coalesce(p_page, 1);
    v_max_bytes bigint := coalesce(p_max_bytes, 134217728);
    v_seen pg_snapshot;
    v_time record;
begin
    if p_session_id is null then
        raise invalid_parameter_value using message = 'p_session_id is null; give the id of a session';
    end if;
    if v_limit < 1 then
        raise invalid_parameter_value using message = format('p_limit is %s; it must be at least 1', v_limit);
    end if;
    if v_page < 1 then
        raise invalid_parameter_value using message = format('p_page is %s; it must be at least 1', v_page);
    end if;
    if v_max_bytes < 1 then
        raise invalid_parameter_value using message = format('p_max_bytes is %s; it must be at least 1', v_max_bytes);
    end if;
    if not isfinite(p_since) then
        raise invalid_parameter_value using message = format('p_since is %s; give a finite time, or null', p_since);
    end if;
    if p_since is not null and p_cursor is not null then
        raise invalid_parameter_value using message = 'p_since and p_cursor exclude each other; give one';
    end if;
    if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
        -- The horizon must be older than the snapshot of the rows; here the snapshot is as old as the transaction.
        raise invalid_transaction_state using
            message = format('session_events() cannot run in %s', upper(current_setting('transaction_isolation'))),
            hint = 'Call it in READ COMMITTED; total and items are of one snapshot there too.';
    end if;
    if p_cursor is not null then
        v_seen := events_internal.decode_cursor(p_cursor, p_session_id);
    end if;

    v_time := events_internal.writer_horizon();
    return query
        select page.*
        from events_internal.session_events_page(
            p_session_id, p_since, p_event_type, v_seen, least(v_limit, c_largest_limit)::integer, v_page, v_max_bytes,
            v_time.in_recovery, v_time.read_at, v_time.horizon
        ) as page;
end;
$$;

comment on function api.session_events(uuid, timestamptz, text, bigint, bigint, text, bigint) is
'One page of a session''s events, newest first, with what a client needs to page and to poll on.

p_session_id  the session; no such session is an error (P0002), under PostgREST a 404
p_since       only events whose timestamp is strictly after; excludes p_cursor
p_event_type  only events of exactly this type
p_limit       events on a page, at least 1; null is 100; above 1000 it is 1000
p_page        which page, from 1; null is 1; past the end there are no rows
p_cursor      only events that the answer with this cursor could not yet see; excludes p_since
p_max_bytes   the largest JSON of a page, in bytes; null is 134217728

Rules: filters apply before p_limit and p_page. Order: timestamp descending, then id descending. The rest of the answer is in
the setting response.headers (JSON, for PostgREST) until the transaction ends: Session-Status, Total-Count, Per-Page,
Events-Timestamp (for the next p_since) and Events-Cursor (for the next p_cursor), all of the rows'' own snapshot.
Guarantee: whoever follows the cursor loses no event, whatever the clocks and the order of commits (docs/guarantees.md).
VOLATILE, because the oldest writer must be read in a snapshot before that of the rows.
Errors: 22023 an argument breaks a rule; 25000 not in READ COMMITTED; P0002 no such session; SE001 malformed cursor;
SE002 cursor of another session; SE003 cursor of another database or a lost history; SE004 page too large.
Example: select * from api.session_events(''8c6ea1d4-3a3c-4f8e-9f6d-2f1c9f0f7b11'', p_event_type => ''error'', p_limit => 20);
    begin; select * from api.session_events(…); select current_setting(''response.headers''); commit;';
