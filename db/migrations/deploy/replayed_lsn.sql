set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/replayed_lsn.sql
revoke all on function events_internal.replayed_lsn from public;

commit;
