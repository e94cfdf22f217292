set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/contains_snapshot.sql
revoke all on function events_internal.contains_snapshot from public;

commit;
