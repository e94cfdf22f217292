-- Roles belong to the cluster: another database of it may have made them already.
begin;

do $$
begin
    if to_regrole('session_events_authenticator') is null then
        create role session_events_authenticator login noinherit;
    end if;
    if to_regrole('session_events_reader') is null then
        create role session_events_reader nologin;
    end if;
    if to_regrole('session_events_definer') is null then
        create role session_events_definer nologin;
    end if;
end;
$$;

comment on role session_events_authenticator is 'PostgREST connects as this role and then acts as session_events_reader.';
comment on role session_events_reader is 'What PostgREST acts as: may execute api.session_events() and nothing else.';
comment on role session_events_definer is 'Owns the functions and reads the tables for them.';

grant session_events_reader to session_events_authenticator;
-- Without it pg_stat_activity hides when other roles'' transactions began.
grant pg_read_all_stats to session_events_definer;

-- A client that hangs up does not cancel its query: this does.
alter role session_events_reader set statement_timeout = '10s';
alter role session_events_authenticator set idle_in_transaction_session_timeout = '10s';

commit;
