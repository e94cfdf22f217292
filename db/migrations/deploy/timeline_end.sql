set search_path = pg_catalog, pg_temp;
begin;

\ir ../../functions/timeline_end.sql
revoke all on function events_internal.timeline_end from public;
do $$
begin
    if not has_function_privilege('pg_read_binary_file(text, bigint, bigint, boolean)', 'execute') then
        raise warning using
            message = format(
                '%I may not call pg_read_binary_file(): promotions refuse all cursors from before', current_user
            ),
            hint = format(
                'A superuser may: grant execute on function pg_read_binary_file(text, bigint, bigint, boolean) to %I;',
                current_user
            );
    end if;
end;
$$;

commit;
