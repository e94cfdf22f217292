set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/open_token.sql
revoke all on function events_internal.open_token from public;

commit;
