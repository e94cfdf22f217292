set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/timeline.sql
revoke all on function events_internal.timeline from public;
do $$
begin
    grant execute on function pg_ls_waldir to session_events_definer;
exception
    when insufficient_privilege then
        raise warning using
            message = 'session_events_definer cannot have pg_ls_waldir(): '
                'a standby that receives no WAL answers no poll with a cursor',
            hint = 'Have a superuser run: grant execute on function pg_ls_waldir to session_events_definer;';
end;
$$;

commit;
