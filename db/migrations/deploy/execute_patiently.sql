begin;

\ir ../../functions/execute_patiently.sql
revoke all on procedure events_internal.execute_patiently(text) from public;

commit;
