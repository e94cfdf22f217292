create or replace function events_internal.session_events_page(
    p_session_id uuid,
    p_since timestamptz,
    p_event_type text,
    p_seen pg_snapshot,
    p_per_page integer,
    p_page bigint,
    p_max_bytes bigint,
    p_in_recovery boolean,
    p_read_at timestamptz,
    p_horizon timestamptz
)
returns setof api.session_event
language plpgsql
stable
parallel restricted
rows 100
security invoker
set search_path = pg_catalog, pg_temp
-- One plan, whatever the statistics say: the index that is made for the question, read in its order. Left to itself the
-- planner takes a sequential scan, a bitmap or the parent's one-column indexes with a sort while statistics are stale.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_incremental_sort = off
-- Without a price for pages and operators the index that reads the fewest entries wins, also before the first vacuum.
set random_page_cost = 0
set seq_page_cost = 0
set cpu_operator_cost = 0
-- The penalties of the above look like work worth compiling.
set jit = off
as $$
declare
    c_tick constant interval := '1 microsecond';
    c_frame constant integer := 512;
    v_session record;
    v_from timestamptz;
    v_until xid8;
    v_offset bigint;
    v_total bigint;
    v_ids uuid[];
    v_event api.session_event;
    v_bound bigint := 0;
    v_measured boolean := false;
begin
    select s.status, s.created_at into v_session from public.sessions as s where s.id = p_session_id;
    if not found then
        perform events_internal.session_not_found(p_session_id);
        return;
    end if;

    -- Past this many rows every page is empty, and the product cannot overflow.
    v_offset := least(p_page - 1, 9000000000000000) * p_per_page;

    if p_seen is not null then
        -- Above its own transaction and the snapshot there are only ids restored from another database.
        v_until := greatest(pg_snapshot_xmax(pg_current_snapshot()), pg_current_xact_id_if_assigned());
        with unseen as materialized (
            select e.id, e."timestamp"
            from public.events as e
            where e.session_id = p_session_id
                and e.insert_xid >= pg_snapshot_xmin(p_seen)
                and e.insert_xid <= v_until
                and not pg_visible_in_snapshot(e.insert_xid, p_seen)
                and (p_event_type is null or e.event_type = p_event_type)
        )
        select
            (select count(*) from unseen),
            array(
                select u.id from unseen as u order by u."timestamp" desc, u.id desc limit p_per_page offset v_offset
            )
        into v_total, v_ids;
    else
        -- At microseconds, strictly after p_since is from the next one on; one condition then serves both, with and without.
        v_from := case
            when p_since is null then '-infinity'
            when p_since >= '294276-12-31 23:59:59.999999+00' then 'infinity'
            else p_since + c_tick
        end;
        if p_event_type is null then
            v_total := (
                select count(*)
                from public.events as e
                where e.session_id = p_session_id and e."timestamp" >= v_from
            );
            v_ids := array(
                select e.id
                from public.events as e
                where e.session_id = p_session_id and e."timestamp" >= v_from
                order by e."timestamp" desc, e.id desc
                limit case when v_offset < v_total then p_per_page else 0 end offset v_offset
            );
        else
            v_total := (
                select count(*)
                from public.events as e
                where e.session_id = p_session_id and e.event_type = p_event_type and e."timestamp" >= v_from
            );
            v_ids := array(
                select e.id
                from public.events as e
                where e.session_id = p_session_id and e.event_type = p_event_type and e."timestamp" >= v_from
                order by e."timestamp" desc, e.id desc
                limit case when v_offset < v_total then p_per_page else 0 end offset v_offset
            );
        end if;
    end if;

    for v_event in
        select
            e.id, e.session_id, e.step_id, e.event_type, events_internal.iso_timestamp(e."timestamp"), e.message, e.event_data
        from unnest(v_ids) with ordinality as page_key (id, position)
        join public.events as e on e.id = page_key.id
        order by page_key.position
    loop
        -- JSON takes at most six bytes for one of text; the rest of an event is its frame.
        v_bound := v_bound + c_frame + octet_length(v_event.event_data::text)
            + 6 * (octet_length(v_event.event_type) + coalesce(octet_length(v_event.message), 0));
        if v_bound > p_max_bytes and not v_measured then
            perform events_internal.check_page_size(v_ids, p_max_bytes);
            v_measured := true;
        end if;
        return next v_event;
    end loop;

    perform set_config(
        'response.headers',
        json_build_array(
            json_build_object('Session-Status', v_session.status),
            json_build_object('Total-Count', v_total::text),
            json_build_object('Per-Page', p_per_page::text),
            json_build_object(
                'Events-Timestamp',
                events_internal.iso_timestamp(
                    least(
                        p_read_at - c_tick,
                        case
                            when isfinite(p_horizon) then greatest(p_horizon - c_tick, p_since)
                            else coalesce(p_since, v_session.created_at - c_tick)
                        end
                    )
                )
            ),
            json_build_object('Events-Cursor', events_internal.encode_cursor(p_session_id, pg_current_snapshot(), p_in_recovery))
        )::text,
        true
    );
end;
$$;

comment on function events_internal.session_events_page(
    uuid, timestamptz, text, pg_snapshot, integer, bigint, bigint, boolean, timestamptz, timestamptz
) is
'One page of a session''s events, with its total, read in the snapshot of the calling statement. Called by api.session_events().

STABLE is what makes total, items and status agree: every statement in here sees the snapshot of the one that called
("Function Volatility Categories" in PostgreSQL''s manual). The count and the keys of the page come from one index alone; only
the rows of the page are fetched from the table (tests/plans proves it for every filter and for stale statistics).
Rules: p_seen (a decoded cursor) and p_since exclude each other. The timestamp handed over is one microsecond before the
horizon, because "since" is strictly after and a writer''s own now() is its start.
Errors: P0002 no such session (a 404 under PostgREST); SE004 page larger than p_max_bytes.';
