set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/answer_polls.sql
revoke all on function api.answer_polls from public;
-- The new owner needs CREATE for a moment, unless a superuser deploys.
grant create on schema api to session_events_definer;
alter function api.answer_polls owner to session_events_definer;
revoke create on schema api from session_events_definer;

commit;
