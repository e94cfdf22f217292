drop function events_internal.iso_timestamp(timestamptz);
