set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/iso_timestamp.sql
revoke all on function events_internal.iso_timestamp from public;

commit;
