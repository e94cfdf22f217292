-- No SET clause: it is called in each poll, with what the functions of the API have set.
create or replace function events_internal.written_xid()
returns xid8
language plpgsql
volatile
-- As set_config().
parallel unsafe
security invoker
as $$
declare
    c_setting constant text := 'events_internal.written_xid';
    -- Of earlier calls: what was known to be on disk; what had ended, and the position by which that is.
    v_known text[] := string_to_array(nullif(current_setting(c_setting, true), ''), ' ');
    v_written xid8 := v_known[1]::xid8;
    v_ended xid8 := pg_snapshot_xmax(pg_current_snapshot());
    -- After the snapshot: the end of each transaction below v_ended was in the WAL by then.
    v_inserted pg_lsn := pg_current_wal_insert_lsn();
    v_flushed pg_lsn := pg_current_wal_flush_lsn();
begin
    if v_inserted <= v_flushed then
        v_written := v_ended;
    elsif v_known[3]::pg_lsn <= v_flushed then
        v_written := v_known[2]::xid8;
    elsif v_known is not null then
        return v_written;
    end if;
    perform set_config(c_setting, concat_ws(' ', coalesce(v_written, '3'), v_ended, v_inserted), false);
    return v_written;
end;
$$;

comment on function events_internal.written_xid() is
'A transaction id of a primary below which the end of each transaction is on disk, so that after a crash, and on a
standby that has replayed so far, no such id is given out again. Null where this session knows of none yet.

Rules: what had ended at an earlier call is on disk once the WAL is flushed up to where it was then; a setting of the
session remembers that. So in a session that is asked often it lags behind by little more than wal_writer_delay.
Errors: none of its own.
Example: select events_internal.written_xid();';
