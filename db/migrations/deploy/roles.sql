set search_path = pg_catalog, pg_temp;
-- Roles belong to the cluster: another database of it may have made them already. What is there is not changed.
begin;

do $$
begin
    if to_regrole('session_events_reader') is null then
        create role session_events_reader nologin;
        comment on role session_events_reader is
        'What PostgREST acts as: may execute what is in api and nothing else. (created by session-events-api)';
        -- A client that hangs up does not cancel its query: this does.
        alter role session_events_reader set statement_timeout = '10s';
    end if;
    if to_regrole('session_events_authenticator') is null then
        create role session_events_authenticator login noinherit;
        comment on role session_events_authenticator is
        'PostgREST connects as this role and then acts as session_events_reader. (created by session-events-api)';
        alter role session_events_authenticator set idle_in_transaction_session_timeout = '10s';
        grant session_events_reader to session_events_authenticator;
    end if;
    if to_regrole('session_events_definer') is null then
        create role session_events_definer nologin;
        comment on role session_events_definer is
        'Reads the tables for the functions in api, which it owns. (created by session-events-api)';
    end if;

    -- Nobody but a superuser can give a function to a role without being a member of it.
    if not pg_has_role('session_events_definer', 'usage') then
        execute format(
            'grant session_events_definer to %I%s', current_user,
            case when current_setting('server_version_num')::integer >= 160000 then ' with inherit true, set true' end
        );
    end if;

    -- Without it pg_stat_activity hides when the transactions of other roles began.
    if not pg_has_role('session_events_definer', 'pg_read_all_stats', 'usage') then
        begin
            grant pg_read_all_stats to session_events_definer;
        exception
            when insufficient_privilege then
                raise warning using
                    message = 'session_events_definer cannot have pg_read_all_stats: '
                        'timestamp will stand still while others write',
                    hint = 'Have it granted by somebody who may: grant pg_read_all_stats to session_events_definer;';
        end;
    end if;
end;
$$;

commit;
