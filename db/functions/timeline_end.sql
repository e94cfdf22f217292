create or replace function events_internal.timeline_end(p_timeline integer, p_current integer)
returns pg_lsn
language plpgsql
volatile
strict
parallel restricted
-- As whoever deployed: to give the definer a function that reads any file would be too much. Its arguments are numbers.
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not has_function_privilege('pg_read_binary_file(text, bigint, bigint, boolean)', 'execute') then
        return null;
    end if;
    return (
        regexp_match(
            -- Bytes: the name of a restore point in it need not be text in this database's encoding.
            encode(
                pg_read_binary_file(
                    format('pg_wal/%s.history', lpad(upper(to_hex(p_current)), 8, '0')), 0, 1048576, true
                ),
                'escape'
            ),
            format(E'^%s\t([0-9A-F]+/[0-9A-F]+)\t', p_timeline), 'n'
        )
    )[1];
end;
$$;

comment on function events_internal.timeline_end(integer, integer) is
'Where a timeline ended in the history of another: up to there, and no further, the two have the same WAL.

p_timeline  the older one
p_current   the newer one, whose history file every server has that was promoted to it or follows it

Rules: runs with the rights of whoever has deployed, a superuser or a role with EXECUTE on
pg_read_binary_file(text, bigint, bigint, boolean); else it is null, as where the older is no ancestor of the newer.
Errors: none of its own.
Example: select events_internal.timeline_end(1, 2);';
