set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/next_token.sql
revoke all on function events_internal.next_token from public;

commit;
