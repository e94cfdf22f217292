-- What session_events() reads, with the types that it relies on.
select 1 / ((count(*) = 7) is true)::integer
from information_schema.columns as c
where c.table_schema = 'public'
    and c.table_name = 'events'
    and (c.column_name, c.data_type) in (
        ('id', 'uuid'),
        ('session_id', 'uuid'),
        ('step_id', 'uuid'),
        ('event_type', 'character varying'),
        ('event_data', 'jsonb'),
        ('message', 'text'),
        ('timestamp', 'timestamp with time zone')
    );
