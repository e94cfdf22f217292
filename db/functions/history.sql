create or replace function events_internal.history(
    out history_id text, out incarnation bigint, out durable_xid xid8, out seal_key text
)
language plpgsql
volatile
parallel restricted
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_database oid;
    v_next_xid text := (pg_control_checkpoint()).next_xid;
begin
    select e.key, db.oid
    into seal_key, v_database
    from pg_catalog.pg_database as db
    cross join events_internal.epoch as e
    where db.datname = current_database();
    if seal_key is null then
        raise object_not_in_prerequisite_state using
            message = 'events_internal.epoch is empty: the database was restored without its data',
            hint = 'select events_internal.begin_new_history();';
    end if;
    -- Of a timeline that is null all is null.
    history_id := (pg_control_system()).system_identifier
        || '.' || events_internal.timeline()
        || '.' || v_database
        || '.' || 'public.events'::regclass::oid
        || '.' || left(encode(sha256(convert_to(seal_key, 'UTF8')), 'hex'), 8);
    incarnation := extract(epoch from (pg_stat_get_archiver()).stats_reset) * 1000000;
    -- It reads epoch:xid.
    durable_xid := (split_part(v_next_xid, ':', 1)::bigint * 4294967296 + split_part(v_next_xid, ':', 2)::bigint)
        ::text::xid8;
end;
$$;

comment on function events_internal.history() is
'What tells one history of transaction ids and events from another, for the cursor.

history_id   the cluster''s system identifier (made by initdb), its timeline (changes at every promotion and
             point-in-time recovery), the oid of the database and that of public.events, and eight digits that change
             whenever begin_new_history() is called, with dots between; null on a standby that is not sure (timeline())
incarnation  microseconds since 1970 of the last reset of the cumulative statistics: PostgreSQL resets them whenever it
             starts after anything but a clean shutdown ("The Cumulative Statistics System" in its manual), so a crash
             always changes this value; a reset by hand changes it too and costs one poll that repeats
durable_xid  the next transaction id by the last checkpoint: no id below it is given out again after a crash
seal_key     what tokens are sealed with; never leaves the database

Rules: reads the control file, shared memory and the catalog; some 30 microseconds.
Errors: 55000 where events_internal.epoch is empty.
Example: select h.history_id, h.durable_xid from events_internal.history() as h;';
