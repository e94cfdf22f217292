set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/answers.sql
revoke all on function events_internal.answers from public;

commit;
