set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/far_timestamp.sql
revoke all on function events_internal.far_timestamp from public;

commit;
