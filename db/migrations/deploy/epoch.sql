set search_path = pg_catalog, pg_temp;
begin;

create table events_internal.epoch (
    singleton boolean primary key default true check (singleton),
    key text not null,
    began_at timestamptz not null
);

comment on table events_internal.epoch is
'One row: since when this history goes on, and the key that its cursors are sealed with.
Changed by begin_new_history().';

commit;
