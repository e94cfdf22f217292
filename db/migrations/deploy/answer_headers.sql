set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/answer_headers.sql
revoke all on function events_internal.answer_headers from public;

commit;
