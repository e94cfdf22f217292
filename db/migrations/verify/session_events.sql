-- The grants come last, so the call itself is proven by the verify script of privileges.
select 1 / ((p.prosecdef and p.provolatile = 'v' and p.proconfig = array['search_path=pg_catalog, pg_temp']) is true)::integer
from (
    values (to_regprocedure('api.session_events(uuid, timestamptz, text, bigint, bigint, text, bigint)'))
) as t (oid)
left join pg_proc as p on p.oid = t.oid;
