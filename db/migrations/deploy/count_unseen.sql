set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/count_unseen.sql
revoke all on function events_internal.count_unseen from public;

commit;
