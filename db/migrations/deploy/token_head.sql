set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/token_head.sql
revoke all on function events_internal.token_head from public;

commit;
