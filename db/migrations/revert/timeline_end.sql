set search_path = pg_catalog, pg_temp;
begin;

drop function events_internal.timeline_end;
do $$
begin
    revoke execute on function pg_read_file(text, bigint, bigint, boolean) from session_events_definer;
exception
    when insufficient_privilege or undefined_object then null;
end;
$$;

commit;
