set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/answer_json.sql
revoke all on function events_internal.answer_json from public;

commit;
