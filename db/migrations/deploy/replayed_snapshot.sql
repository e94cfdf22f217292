set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/replayed_snapshot.sql
revoke all on function events_internal.replayed_snapshot from public;

commit;
