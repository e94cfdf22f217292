set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/told_snapshot.sql
revoke all on function events_internal.told_snapshot from public;

commit;
