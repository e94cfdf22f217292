create or replace function events_internal.history(out history_id text, out incarnation bigint, out durable_xid xid8)
language plpgsql
volatile
parallel restricted
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_checkpoint record := pg_control_checkpoint();
begin
    history.history_id := concat_ws(
        '.',
        (select control.system_identifier from pg_control_system() as control),
        -- The control file learns of a promotion only at the next checkpoint; WAL position and receiver know at once.
        case
            when pg_is_in_recovery() then greatest(
                v_checkpoint.timeline_id,
                (select recovery.min_recovery_end_timeline from pg_control_recovery() as recovery),
                (select receiver.received_tli from pg_stat_get_wal_receiver() as receiver)
            )
            else ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::integer
        end,
        (select db.oid from pg_catalog.pg_database as db where db.datname = current_database()),
        to_regclass('public.events')::oid
    );
    history.incarnation := (select extract(epoch from archiver.stats_reset) * 1000000 from pg_stat_get_archiver() as archiver);
    -- next_xid reads epoch:xid.
    history.durable_xid := (
        split_part(v_checkpoint.next_xid, ':', 1)::bigint * 4294967296 + split_part(v_checkpoint.next_xid, ':', 2)::bigint
    )::text::xid8;
end;
$$;

comment on function events_internal.history() is
'What tells one history of transaction ids and events from another, for the cursor.

history_id   the cluster''s system identifier (made by initdb), its timeline (changes at every promotion and point-in-time
             recovery), the oid of the database and that of public.events, with dots between
incarnation  microseconds since 1970 of the last reset of the cumulative statistics: PostgreSQL resets them whenever it
             starts after anything but a clean shutdown ("The Cumulative Statistics System" in its manual), so a crash
             always changes this value; a reset by hand changes it too and costs one poll that repeats
durable_xid  the next transaction id by the last checkpoint: no id below it is given out again after a crash

Rules: reads the control file, shared memory and the catalog; some 20 microseconds.
Example: select * from events_internal.history();';
