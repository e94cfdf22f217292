begin;

drop schema events_internal;
drop schema api;

commit;
