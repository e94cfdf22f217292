set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/clamp_snapshot.sql
revoke all on function events_internal.clamp_snapshot from public;

commit;
