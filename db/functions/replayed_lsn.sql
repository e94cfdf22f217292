create or replace function events_internal.replayed_lsn()
returns pg_lsn
language plpgsql
volatile
parallel restricted
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    -- Before the position is read. It moves when a record has been replayed, a moment after what that changed is seen.
    v_received pg_lsn := case when current_setting('restore_command') = '' then pg_last_wal_receive_lsn() end;
    v_waits boolean := exists (
        select
        from pg_stat_get_activity(null) as backend
        where backend.backend_type = 'startup'
            and (
                backend.wait_event in (
                    'RecoveryWalStream', 'RecoveryRetrieveRetryInterval', 'RecoveryPause', 'RecoveryApplyDelay',
                    'RestoreCommand', 'TimelineHistoryWrite', 'TimelineHistorySync'
                )
                -- A promotion copies its first segment, too: WALCopyWrite, from 17 on WalCopyWrite.
                or backend.wait_event ilike 'WalCopy%'
            )
    );
    v_replayed pg_lsn := pg_last_wal_replay_lsn();
begin
    return v_replayed + case when v_waits or v_received <= v_replayed then 0 else 1 end;
end;
$$;

comment on function events_internal.replayed_lsn() is
'A position in the WAL by which a standby had replayed all that an earlier snapshot of it has seen.

Where replay waits for more, asks an archive for it or ends, or has replayed all that this server ever received, that is
the position that PostgreSQL tells. Else the next record may be seen already: then one byte more, which is past that
record''s start and so at or before the end of any history that has the record.
Rules: call it after the snapshot. Without pg_read_all_stats it cannot see replay wait, and adds the byte wherever it
has not replayed all that it received, or cannot know that (an archive, nothing received since it started).
Errors: none of its own.
Example: select events_internal.replayed_lsn();';
