set search_path = pg_catalog, pg_temp;
-- The parent product owns this table: made here only on an empty database, adopted untouched where it stands.
begin;

do $$
begin
    if to_regclass('public.steps') is null then
        create table public.steps (
            id uuid primary key,
            session_id uuid not null references public.sessions (id) on delete cascade,
            code varchar(100) not null,
            name varchar(255) not null,
            status varchar(20) not null,
            sequence integer not null,
            inputs jsonb not null,
            outputs jsonb,
            error_message text,
            retry_count integer not null,
            started_at timestamptz,
            completed_at timestamptz,
            created_at timestamptz not null
        );
        create index ix_steps_session_id on public.steps (session_id);
        create index ix_steps_status on public.steps (status);
        create index ix_steps_sequence on public.steps (session_id, sequence);
        comment on table public.steps is 'A step of a session. (created by session-events-api)';
        -- Whatever default privileges have granted.
        execute (
            select format(
                'revoke all on public.steps from %s',
                concat_ws(', ', 'public', string_agg(distinct a.grantee::regrole::text, ', '))
            )
            from pg_class as c
            cross join aclexplode(c.relacl) as a
            where c.oid = 'public.steps'::regclass and a.grantee not in (0, c.relowner)
        );
    end if;
end;
$$;

commit;
