set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/timeline_end.sql
revoke all on function events_internal.timeline_end from public;
do $$
begin
    grant execute on function pg_read_file(text, bigint, bigint, boolean) to session_events_definer;
exception
    when insufficient_privilege then
        raise warning using
            message = 'session_events_definer cannot have pg_read_file(): '
                'every promotion refuses all cursors from before',
            hint = 'Have a superuser run: '
                'grant execute on function pg_read_file(text, bigint, bigint, boolean) to session_events_definer;';
end;
$$;

commit;
