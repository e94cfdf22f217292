set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/make_token.sql
revoke all on function events_internal.make_token from public;

commit;
