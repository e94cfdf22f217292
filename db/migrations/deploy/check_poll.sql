set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/check_poll.sql
revoke all on function events_internal.check_poll from public;

commit;
