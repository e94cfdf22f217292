set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/written_xid.sql
revoke all on function events_internal.written_xid from public;

commit;
