create or replace procedure events_internal.execute_patiently(p_statement text)
language plpgsql
security invoker
set search_path = pg_catalog, pg_temp
set lock_timeout = '200ms'
-- Sooner than lock_timeout: it is the deadlock check that makes an autovacuum give way.
set deadlock_timeout = '100ms'
as $$
begin
    for v_attempt in 1 .. 100 loop
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
        hint = 'A transaction (or a vacuum run by hand) holds the table. Find it in pg_stat_activity (oldest xact_start), let it end, and try again.';
end;
$$;

comment on procedure events_internal.execute_patiently(text) is
'Runs a DDL statement on a table in use: never waits longer than 200 ms for the lock, so that readers and writers never queue long.

Errors: 55P03 after 100 attempts (about a minute).
Example: call events_internal.execute_patiently(''alter table public.events set (fillfactor = 100)'');';
