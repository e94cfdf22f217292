create or replace function events_internal.contains_snapshot(p_outer pg_snapshot, p_inner pg_snapshot)
returns boolean
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    return pg_snapshot_xmax(p_inner) <= pg_snapshot_xmax(p_outer)
        and not exists (
            select from pg_snapshot_xip(p_outer) as in_flight (xid) where pg_visible_in_snapshot(in_flight.xid, p_inner)
        );
end;
$$;

comment on function events_internal.contains_snapshot(pg_snapshot, pg_snapshot) is
'Whether p_outer has seen every transaction that p_inner has seen.

Rules: false also where p_inner ends later without having seen more.
Errors: none of its own.
Example: select events_internal.contains_snapshot(''100:120:105'', ''100:110:105'');  -- t';
