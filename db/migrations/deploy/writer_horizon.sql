set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/writer_horizon.sql
revoke all on function events_internal.writer_horizon from public;

commit;
