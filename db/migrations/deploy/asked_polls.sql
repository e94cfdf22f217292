set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/asked_polls.sql
revoke all on function events_internal.asked_polls from public;

commit;
