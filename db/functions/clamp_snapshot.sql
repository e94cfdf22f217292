create or replace function events_internal.clamp_snapshot(p_snapshot pg_snapshot, p_limit xid8)
returns pg_snapshot
language plpgsql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    if pg_snapshot_xmax(p_snapshot) <= p_limit then
        return p_snapshot;
    end if;
    return concat_ws(
        ':',
        least(pg_snapshot_xmin(p_snapshot), p_limit),
        p_limit,
        coalesce(
            (select string_agg(x::text, ',' order by x) from pg_snapshot_xip(p_snapshot) as x where x < p_limit), ''
        )
    )::pg_snapshot;
end;
$$;

comment on function events_internal.clamp_snapshot(pg_snapshot, xid8) is
'The snapshot that saw what p_snapshot saw of the transactions below p_limit, and nothing from p_limit on.

Rules: never sees more than p_snapshot, so a cursor made of the result may repeat events but cannot lose one.
Example: select events_internal.clamp_snapshot(''100:120:105,110'', ''108'');  -- 100:108:105';
