select events_internal.check_page_size(array[]::uuid[], 2);
