set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/can_show.sql
revoke all on function events_internal.can_show from public;

commit;
