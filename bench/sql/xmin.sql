-- The way to an exact cursor without our column and its index: the system column xmin. Only the search for the rows; the
-- product's function also counts, reads the session and the horizon, and makes the next cursor.
create or replace function public.bench_events_since_xmin(p_session_id uuid, p_seen pg_snapshot)
returns setof public.events
language sql
stable
set search_path = ''
as $$
    select e.*
    from public.events as e
    where e.session_id = p_session_id and age(e.xmin) <= age(xid(pg_snapshot_xmin(p_seen)))
    order by e."timestamp" desc, e.id desc
    limit 100;
$$;
