set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/token_tail.sql
revoke all on function events_internal.token_tail from public;

commit;
