-- No SET clause: it is called in each poll, with what the functions of the API have set.
create or replace function events_internal.timeline()
returns text
language plpgsql
volatile
parallel restricted
security invoker
as $$
declare
    v_received integer;
    v_known integer;
    v_newest integer;
    v_replayed pg_lsn;
    v_segment bigint;
begin
    if not pg_is_in_recovery() then
        -- The control file learns of a promotion only at the next checkpoint; the WAL position knows at once.
        return ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::integer;
    end if;

    v_replayed := pg_last_wal_replay_lsn();
    v_received := (
        select receiver.received_tli
        from pg_stat_get_wal_receiver() as receiver
        -- Where it waits its timeline has ended, and an archive may have given the next one, up to what was written.
        where receiver.status <> 'waiting'
            -- Else what was replayed is not of who sends now, but of an archive, or of an upstream that had more.
            and receiver.written_lsn >= v_replayed
    );
    v_known := greatest(
        (pg_control_checkpoint()).timeline_id,
        (select recovery.min_recovery_end_timeline from pg_control_recovery() as recovery),
        v_received
    );
    if v_received is not null then
        return v_known;
    end if;
    -- Else a newer timeline may have been replayed that the control file has not heard of. Its history file is there
    -- then; it may be there before, too.
    if has_function_privilege('pg_ls_waldir()', 'execute') then
        v_newest := (
            select max(('x' || left(wal.name, 8))::bit(32)::integer)
            from pg_ls_waldir() as wal
            where wal.name ~ '^[0-9A-F]{8}\.history$'
        );
        if v_newest is null or v_newest <= v_known
            -- What is replayed so far belongs to both.
            or v_replayed <= events_internal.timeline_end(v_known, v_newest)
        then
            return v_known;
        end if;
        -- WAL of that timeline up to here: only who follows it receives that.
        v_segment := trunc((v_replayed - '0/1') / pg_size_bytes(current_setting('wal_segment_size')));
        if exists (
            select
            from pg_ls_waldir() as wal
            where left(wal.name, 8) = lpad(upper(to_hex(v_newest)), 8, '0')
                and wal.name ~ '^[0-9A-F]{24}$'
                and ('x' || substr(wal.name, 9, 8))::bit(32)::bigint
                    * (4294967296 / pg_size_bytes(current_setting('wal_segment_size')))
                    + ('x' || right(wal.name, 8))::bit(32)::bigint = v_segment
        ) then
            return v_newest;
        end if;
    end if;
    return null;
end;
$$;

comment on function events_internal.timeline() is
'The timeline that this server''s rows are of; null on a standby that cannot know it.

Rules: a standby is sure of it where its receiver was sent all that was replayed, and else where its WAL directory has
no history file of a newer timeline than its control file knows, or it has not replayed past the point where that
begins, or has WAL of that timeline up to where it has replayed: it receives none of a timeline that it cannot follow.
Else its rows may be of a history that is lost. (What a crash makes it replay as if it were of a newer timeline it
cannot know: docs/guarantees.md.) Reading the directory needs EXECUTE on pg_ls_waldir(); without it a standby that
receives no WAL is never sure, and without pg_read_all_stats, which shows what it receives, none is.
Errors: none of its own.
Example: select events_internal.timeline();';
