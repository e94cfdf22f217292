set search_path = pg_catalog, pg_temp;
-- The parent product owns this table: made here only on an empty database, adopted untouched where it stands.
begin;

do $$
begin
    if to_regclass('public.events') is null then
        create table public.events (
            id uuid primary key,
            session_id uuid not null references public.sessions (id) on delete cascade,
            step_id uuid references public.steps (id) on delete cascade,
            event_type varchar(100) not null,
            event_data jsonb not null,
            message text,
            "timestamp" timestamptz not null
        );
        create index ix_events_session_id on public.events (session_id);
        create index ix_events_step_id on public.events (step_id);
        create index ix_events_event_type on public.events (event_type);
        create index ix_events_timestamp on public.events ("timestamp");
        comment on table public.events is 'Something that happened in a session. (created by session-events-api)';
        -- Whatever default privileges have granted.
        execute (
            select format(
                'revoke all on public.events from %s',
                concat_ws(', ', 'public', string_agg(distinct a.grantee::regrole::text, ', '))
            )
            from pg_class as c
            cross join aclexplode(c.relacl) as a
            where c.oid = 'public.events'::regclass and a.grantee not in (0, c.relowner)
        );
    end if;
end;
$$;

commit;
