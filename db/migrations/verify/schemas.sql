select 1 / ((to_regnamespace('api') is not null and to_regnamespace('events_internal') is not null) is true)::integer;
