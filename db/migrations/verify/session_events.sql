-- The grants come last, so the call itself is proven by the verify script of privileges.
select 1 / (p.prosecdef and p.provolatile = 'v' and p.proconfig = array['search_path=pg_catalog, pg_temp'])::integer
from pg_proc as p
where p.oid = to_regproc('api.session_events');
