set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/stamp_writer.sql
revoke all on function events_internal.stamp_writer from public;

commit;
