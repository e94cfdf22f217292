create or replace function events_internal.stamp_writer()
returns trigger
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    new.insert_xid := pg_current_xact_id();
    return new;
end;
$$;

comment on function events_internal.stamp_writer() is
'Trigger: a row of public.events bears the id of the transaction that really wrote it, whatever the statement said.

So a row that is changed, or comes from an archive, a dump or a publication, is new to every cursor and is told (again)
under its id. The triggers that call it fire in replication too (db/migrations/deploy/events_stamped.sql).
Errors: none of its own.';
