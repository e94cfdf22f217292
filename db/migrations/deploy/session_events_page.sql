begin;

\ir ../../functions/session_events_page.sql
alter function events_internal.session_events_page(uuid, timestamptz, text, pg_snapshot, integer, bigint, bigint, boolean, timestamptz, timestamptz) owner to session_events_definer;
revoke all on function events_internal.session_events_page(uuid, timestamptz, text, pg_snapshot, integer, bigint, bigint, boolean, timestamptz, timestamptz) from public;

commit;
