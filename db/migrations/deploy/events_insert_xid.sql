set search_path = pg_catalog, pg_temp;
-- The default is STABLE, so PostgreSQL evaluates it once and stores it in the catalog: no rewrite, and the lock is held
-- for milliseconds. Rows from before count as written by this transaction.
begin;

do $$
declare
    v_column smallint := (
        select a.attnum
        from pg_attribute as a
        where a.attrelid = 'public.events'::regclass and a.attname = 'insert_xid' and not a.attisdropped
    );
begin
    if v_column is null then
        call events_internal.execute_patiently(
            'alter table public.events add column insert_xid xid8 not null default pg_current_xact_id()'
        );
    elsif coalesce(col_description('public.events'::regclass, v_column), '')
        not like '%(created by session-events-api)'
    then
        raise 'public.events has a column insert_xid that is not ours: rename it, and deploy again';
    end if;
end;
$$;

comment on column public.events.insert_xid is
'The transaction that wrote the row, set by the default and never by an application: what the exact cursor is built on.
(created by session-events-api)';

commit;
