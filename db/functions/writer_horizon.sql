create or replace function events_internal.writer_horizon(
    out in_recovery boolean,
    out read_at timestamptz,
    out horizon timestamptz
)
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    writer_horizon.in_recovery := pg_is_in_recovery();
    -- Before the list of writers: one that starts after this line starts later than read_at.
    writer_horizon.read_at := clock_timestamp();
    if writer_horizon.in_recovery then
        -- A standby cannot see the primary's writers, only how far it has replayed them.
        writer_horizon.horizon := least(
            writer_horizon.read_at,
            coalesce(pg_last_xact_replay_timestamp(), (pg_control_checkpoint()).checkpoint_time)
        );
    elsif events_internal.nobody_writes(pg_current_snapshot()) then
        -- It spares the list of backends, which costs most of the whole.
        writer_horizon.horizon := writer_horizon.read_at;
    else
        -- The list of backends is otherwise kept for the whole transaction.
        perform pg_stat_clear_snapshot();
        -- Backends before prepared transactions: a writer that prepares in between is then seen at least once.
        select least(
            writer_horizon.read_at,
            -- Where track_activities is off, a start is not known.
            min(coalesce(backend.xact_start, '-infinity'))
        )
        into writer_horizon.horizon
        from pg_stat_get_activity(null) as backend
        where backend.backend_xid is not null
            and backend.datid = (select db.oid from pg_catalog.pg_database as db where db.datname = current_database())
            and backend.backend_type <> 'autovacuum worker';
        if exists (
            select
            from pg_prepared_xact() as prepared
            cross join pg_catalog.pg_database as db
            where db.datname = current_database() and prepared.dbid = db.oid
        ) then
            writer_horizon.horizon := '-infinity';
        end if;
    end if;
end;
$$;

comment on function events_internal.writer_horizon() is
'The time of the request, and that time held back to the start of the oldest transaction that is writing to this
database.

in_recovery  whether this is a standby: only what is true before the rows are read may be believed of them
read_at      the database''s clock when the function was called
horizon      not later than read_at; on a standby the time up to which it has replayed, which may move backward;
             -infinity while a writer is in flight whose start PostgreSQL does not tell: a prepared transaction, or one
             with track_activities off

Rules: call it in a statement of its own, before the one that reads the rows (in READ COMMITTED): whoever is not in the
list then has either committed, and the rows show it, or has started later than read_at. Needs pg_read_all_stats, else
the starts of other roles'' transactions read as null.
Example: select * from events_internal.writer_horizon();';
