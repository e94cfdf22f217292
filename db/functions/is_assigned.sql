-- No SET clause: it is called in each poll, with what the functions of the API have set.
create or replace function events_internal.is_assigned(p_xid xid8)
returns boolean
language plpgsql
volatile
strict
parallel unsafe
security invoker
as $$
begin
    perform pg_xact_status(p_xid);
    return true;
exception
    when invalid_parameter_value then
        return false;
end;
$$;

comment on function events_internal.is_assigned(xid8) is
'Whether this server has given out a transaction id (or, on a standby, has heard of it).

Rules: a transaction that waits for a synchronous standby is assigned, although no snapshot of the primary says so yet.
Errors: none of its own.
Example: select events_internal.is_assigned(pg_snapshot_xmax(pg_current_snapshot()));';
