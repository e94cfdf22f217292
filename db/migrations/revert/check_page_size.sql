drop function events_internal.check_page_size(uuid[], bigint);
