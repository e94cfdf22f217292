create or replace procedure events_internal.execute_patiently(p_statement text)
language plpgsql
security invoker
set search_path = pg_catalog, pg_temp
set lock_timeout = '200ms'
as $$
declare
    -- It is the deadlock check that makes an autovacuum give way; who may not hasten it waits for it now and then.
    v_hastened boolean := false;
begin
    begin
        perform set_config('deadlock_timeout', '100ms', true);
        v_hastened := true;
    exception
        when insufficient_privilege then null;
    end;
    for v_attempt in 1 .. 100 loop
        if not v_hastened then
            perform set_config(
                'lock_timeout',
                case
                    when v_attempt % 10 > 0 then '200ms'
                    else extract(epoch from current_setting('deadlock_timeout')::interval) * 1000 + 200 || 'ms'
                end,
                true
            );
        end if;
        begin
            execute p_statement;
            return;
        exception
            when lock_not_available then
                -- Those who queued behind the refused lock get their turn before the next attempt.
                perform pg_sleep(0.3);
        end;
    end loop;
    raise lock_not_available using
        message = format('No lock within 100 attempts for: %s', p_statement),
        hint = 'A transaction (or a vacuum run by hand) holds the table: in pg_stat_activity, the oldest xact_start. '
            'Let it end, and try again.';
end;
$$;

comment on procedure events_internal.execute_patiently(text) is
'Runs a DDL statement on a table in use: waits 200 ms at most for the lock, so that nobody queues long behind it.

Rules: an autovacuum gives way once deadlock_timeout has passed. Who may not set that (no superuser) waits so long, a
second as a rule, with every tenth attempt.
Errors: 55P03 after 100 attempts (about a minute).
Example: call events_internal.execute_patiently(''alter table public.events set (fillfactor = 100)'');';
