set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/nobody_writes.sql
revoke all on function events_internal.nobody_writes from public;

commit;
