create or replace function events_internal.replayed_snapshot(out replayed pg_snapshot, out is_whole boolean)
language plpgsql
volatile
parallel restricted
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    c_most_asked constant bigint := 10000;
    v_now pg_snapshot := pg_current_snapshot();
    v_first bigint := pg_snapshot_xmin(v_now)::text::bigint;
    v_end bigint := least(pg_snapshot_xmax(v_now)::text::bigint, v_first + c_most_asked);
begin
    replayed := concat_ws(
        ':',
        v_first,
        v_end,
        coalesce(
            (
                select string_agg(asked.xid::text, ',' order by asked.xid)
                from generate_series(v_first, v_end - 1) as asked (xid)
                -- The lower half begins with ids that are no transaction's.
                where asked.xid & 4294967295 > 2 and pg_xact_status(asked.xid::text::xid8) = 'in progress'
            ),
            ''
        )
    )::pg_snapshot;
    is_whole := pg_snapshot_xmax(replayed) = pg_snapshot_xmax(v_now);
end;
$$;

comment on function events_internal.replayed_snapshot() is
'The snapshot of a standby with its writers in flight, whom pg_current_snapshot() does not list there.

replayed  what has surely ended
is_whole  false where more than 10,000 transactions are younger than the oldest in flight: the youngest count as not
          seen

Rules: call it before the rows are read, in a statement of its own (in READ COMMITTED): whatever it calls ended is
visible to that later statement. Asks for each transaction between the oldest in flight and the next one.
Errors: none of its own.
Example: select * from events_internal.replayed_snapshot();';
