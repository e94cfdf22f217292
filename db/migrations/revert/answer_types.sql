set search_path = pg_catalog, pg_temp;
begin;

drop type events_internal.answer;
drop type events_internal.page;
drop type events_internal.page_event;
drop type events_internal.asked;
drop type events_internal.walk;
drop type events_internal.moment;
drop type events_internal.poll;

commit;
