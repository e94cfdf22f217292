set search_path = pg_catalog, pg_temp;

do $$
begin
    if not exists (
        select
        from pg_index as i
        where i.indexrelid = to_regclass('public.events_by_type')
            and i.indrelid = to_regclass('public.events')
            and i.indisvalid
            and pg_get_indexdef(i.indexrelid) like '% USING btree (session_id, event_type, "timestamp", id)'
    ) then
        raise 'the index public.events_by_type is missing, invalid or another than ours';
    end if;
end;
$$;
