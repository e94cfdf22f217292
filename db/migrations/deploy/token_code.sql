set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/token_code.sql
revoke all on function events_internal.token_code from public;

commit;
