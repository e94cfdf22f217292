set search_path = pg_catalog, pg_temp;
-- The parent product owns this table: made here only on an empty database, adopted untouched where it stands.
begin;

do $$
begin
    if to_regclass('public.sessions') is null then
        create table public.sessions (
            id uuid primary key,
            session_type varchar(50) not null,
            status varchar(20) not null,
            mode varchar(20) not null,
            project_path text not null,
            config jsonb not null,
            result jsonb,
            error_message text,
            created_at timestamptz not null,
            updated_at timestamptz not null,
            completed_at timestamptz
        );
        create index ix_sessions_status on public.sessions (status);
        create index ix_sessions_project_path on public.sessions (project_path);
        create index ix_sessions_created_at on public.sessions (created_at);
        comment on table public.sessions is 'A run of TestBoost. (created by session-events-api)';
        -- Whatever default privileges have granted.
        execute (
            select format(
                'revoke all on public.sessions from %s',
                concat_ws(', ', 'public', string_agg(distinct a.grantee::regrole::text, ', '))
            )
            from pg_class as c
            cross join aclexplode(c.relacl) as a
            where c.oid = 'public.sessions'::regclass and a.grantee not in (0, c.relowner)
        );
    end if;
end;
$$;

commit;
