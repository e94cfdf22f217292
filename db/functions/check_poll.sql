create or replace function events_internal.check_poll(p_poll events_internal.poll, p_max_bytes bigint)
returns void
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_poll.session_id is null then
        raise invalid_parameter_value using message = 'p_session_id is null; give the id of a session';
    end if;
    if p_poll."limit" < 1 then
        raise invalid_parameter_value using message = format('p_limit is %s; it must be at least 1', p_poll."limit");
    end if;
    if p_poll.page < 1 then
        raise invalid_parameter_value using message = format('p_page is %s; it must be at least 1', p_poll.page);
    end if;
    if p_max_bytes < 1 then
        raise invalid_parameter_value using message = format('p_max_bytes is %s; it must be at least 1', p_max_bytes);
    end if;
    if not isfinite(p_poll.since) then
        raise invalid_parameter_value using
            message = format('p_since is %s; give a finite time, or null', p_poll.since);
    end if;
    if p_poll.since is not null and p_poll.cursor is not null then
        raise invalid_parameter_value using message = 'p_since and p_cursor exclude each other; give one';
    end if;
    if p_poll.next is not null and not (
        num_nonnulls(p_poll.since, p_poll.event_type, p_poll.cursor) = 0 and p_poll."limit" = 100 and p_poll.page = 1
    ) then
        raise invalid_parameter_value using message = 'p_next knows filters, limit and page; give it alone';
    end if;
end;
$$;

comment on function events_internal.check_poll(events_internal.poll, bigint) is
'Refuses arguments that break a rule of session_events().

Errors: 22023 naming the argument and the rule.
Example: session_events() calls it.';
