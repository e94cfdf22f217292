set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/begin_new_history.sql
revoke all on function events_internal.begin_new_history from public;
select events_internal.begin_new_history();

commit;
