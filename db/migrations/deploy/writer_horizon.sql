begin;

\ir ../../functions/writer_horizon.sql
alter function events_internal.writer_horizon() owner to session_events_definer;
revoke all on function events_internal.writer_horizon() from public;

commit;
