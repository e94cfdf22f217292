select 1 / ((p.provolatile = 's' and p.proconfig @> array['plan_cache_mode=force_generic_plan']) is true)::integer
from (
    values (to_regprocedure(
        'events_internal.session_events_page('
        'uuid, timestamptz, text, pg_snapshot, integer, bigint, bigint, boolean, timestamptz, timestamptz)'
    ))
) as t (oid)
left join pg_proc as p on p.oid = t.oid;
