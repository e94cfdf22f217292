-- What session_events() reads, with the types that it relies on.
do $$
declare
    v_missing text;
begin
    select string_agg(format('%s %s', wanted.name, wanted.type), ', ')
    into v_missing
    from (
        values
            ('id', 'uuid'),
            ('status', 'character varying'),
            ('created_at', 'timestamp with time zone')
    ) as wanted (name, type)
    where not exists (
        select
        from information_schema.columns as c
        where c.table_schema = 'public' and c.table_name = 'sessions' and c.column_name = wanted.name and c.data_type = wanted.type
    );
    if v_missing is not null then
        raise 'public.sessions has not the columns of the contract; missing: %', v_missing;
    end if;
end;
$$;
