-- What session_events() reads, with the types that it relies on.
select 1 / ((count(*) = 2) is true)::integer
from information_schema.columns as c
where c.table_schema = 'public'
    and c.table_name = 'steps'
    and (c.column_name, c.data_type) in (
        ('id', 'uuid'),
        ('session_id', 'uuid')
    );
