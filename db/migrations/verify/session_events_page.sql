select 1 / (p.provolatile = 's')::integer
from pg_proc as p
where p.oid = to_regproc('events_internal.session_events_page');
