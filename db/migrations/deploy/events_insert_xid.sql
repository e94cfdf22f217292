-- The default is STABLE, so PostgreSQL evaluates it once and stores it in the catalog: no rewrite, and the lock is held for
-- milliseconds. Rows from before count as written by this transaction.
do $$
begin
    if not exists (
        select from pg_attribute as a
        where a.attrelid = 'public.events'::regclass and a.attname = 'insert_xid' and not a.attisdropped
    ) then
        call events_internal.execute_patiently(
            'alter table public.events add column insert_xid xid8 not null default pg_current_xact_id()'
        );
    end if;
end;
$$;

comment on column public.events.insert_xid is
'The transaction that wrote the row; set by the default, never by an application. The exact cursor of api.session_events() is built on it.';
