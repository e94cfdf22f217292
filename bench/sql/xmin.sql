-- The way to an exact cursor without our column and its index: the system column xmin, which no index holds. Only the
-- search
-- for the rows; the product's function also counts, reads the session and the horizon, and makes the next cursor.
create or replace function public.bench_events_since_xmin(p_session_id uuid, p_seen pg_snapshot)
returns setof public.events
language sql
stable
set search_path = ''
as $$
    -- Materialized, or the planner takes the order of ix_events_timestamp and reads the whole table.
    with unseen as materialized (
        select e.*
        from public.events as e
        where e.session_id = p_session_id and age(e.xmin) <= age(xid(pg_snapshot_xmin(p_seen)))
    )
    select u.* from unseen as u order by u."timestamp" desc, u.id desc limit 100;
$$;
