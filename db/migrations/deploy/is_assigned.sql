set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/is_assigned.sql
revoke all on function events_internal.is_assigned from public;

commit;
