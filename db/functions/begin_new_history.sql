create or replace function events_internal.begin_new_history()
returns text
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into events_internal.epoch as e (key, began_at)
    values (gen_random_uuid()::text || gen_random_uuid()::text, clock_timestamp())
    on conflict (singleton) do update set key = excluded.key, began_at = excluded.began_at;
    return 'Every cursor from before is refused from now on.';
end;
$$;

comment on function events_internal.begin_new_history() is
'Begins a new history: every cursor given out before is refused, and clients start again without one.

For a cluster that is a copy or was set back: PostgreSQL cannot tell it from the one it was made of. Call it before
clients poll there. It needs no access to the data directory; standbys learn of it as of any row.
Errors: 42501 for whoever does not own the table events_internal.epoch.
Example: select events_internal.begin_new_history();';
