set search_path = pg_catalog, pg_temp;

do $$
begin
    if not exists (
        select
        from pg_attribute as a
        join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = to_regclass('public.events') and a.attname = 'insert_xid' and not a.attisdropped
            and a.atttypid = 'xid8'::regtype and a.attnotnull
            and pg_get_expr(d.adbin, d.adrelid) = 'pg_current_xact_id()'
    ) then
        raise 'the column public.events.insert_xid is missing, or its type, default or NOT NULL is another';
    end if;
end;
$$;
