set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/token_text.sql
revoke all on function events_internal.token_text from public;

commit;
