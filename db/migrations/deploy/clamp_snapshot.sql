begin;

\ir ../../functions/clamp_snapshot.sql
alter function events_internal.clamp_snapshot(pg_snapshot, xid8) owner to session_events_definer;
revoke all on function events_internal.clamp_snapshot(pg_snapshot, xid8) from public;

commit;
