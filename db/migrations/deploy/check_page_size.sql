begin;

\ir ../../functions/check_page_size.sql
alter function events_internal.check_page_size(uuid[], bigint) owner to session_events_definer;
revoke all on function events_internal.check_page_size(uuid[], bigint) from public;

commit;
