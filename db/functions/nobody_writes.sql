-- No SET clause: it is called in each poll, with what the functions of the API have set.
create or replace function events_internal.nobody_writes(p_now pg_snapshot)
returns boolean
language plpgsql
volatile
parallel unsafe
security invoker
as $$
begin
    return pg_snapshot_xmin(p_now) = pg_snapshot_xmax(p_now)
        -- A snapshot ends with the last transaction that has ended; whoever writes may be younger.
        and not events_internal.is_assigned(pg_snapshot_xmax(p_now));
end;
$$;

comment on function events_internal.nobody_writes(pg_snapshot) is
'Whether no transaction of the cluster has an id and has not ended. Sure when it says so; it may say no for a moment
although nobody writes any more.

p_now  pg_current_snapshot(); not on a standby, whose snapshots list nobody

Rules: a prepared transaction has an id until it is committed, and so has the caller once it has written.
Errors: none of its own.
Example: select events_internal.nobody_writes(pg_current_snapshot());';
