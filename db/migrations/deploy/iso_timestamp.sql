begin;

\ir ../../functions/iso_timestamp.sql
alter function events_internal.iso_timestamp(timestamptz) owner to session_events_definer;
revoke all on function events_internal.iso_timestamp(timestamptz) from public;

commit;
