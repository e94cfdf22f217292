-- What session_events() reads, with the types that it relies on.
select 1 / ((count(*) = 3) is true)::integer
from information_schema.columns as c
where c.table_schema = 'public'
    and c.table_name = 'sessions'
    and (c.column_name, c.data_type) in (
        ('id', 'uuid'),
        ('status', 'character varying'),
        ('created_at', 'timestamp with time zone')
    );
