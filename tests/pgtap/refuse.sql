begin;
\ir fixtures.psql
select plan(22);

-- Contract
select pg_temp.has_contract(
    'events_internal.refuse(events_internal.answer)', 'p_answer events_internal.answer', 'void', 'plpgsql', 'volatile'
);

-- Privileges
select pg_temp.is_private('events_internal.refuse(events_internal.answer)');

-- Behaviour
create function pg_temp.refusing(p_code text, p_largest_limit integer default null) returns text
language sql
return format(
    'select events_internal.refuse(jsonb_populate_record(null::events_internal.answer, %L))',
    jsonb_build_object(
        'code', p_code, 'message', 'What is wrong.', 'hint', 'Do it right.', 'largest_limit', p_largest_limit
    )
);
select throws_ok(pg_temp.refusing(code), code, 'What is wrong.', format('in SQL %s is an error', code))
from unnest(array['P0002', 'SE001', 'SE004']) as code;
create function pg_temp.told(p_statement text) returns text
language plpgsql
as $$
declare
    v_detail text;
    v_hint text;
begin
    execute p_statement;
    return 'no error';
exception
    when others then
        get stacked diagnostics v_detail = pg_exception_detail, v_hint = pg_exception_hint;
        return concat_ws('|', v_detail, v_hint);
end;
$$;
select is(
    pg_temp.told(pg_temp.refusing('SE004', 5)), 'largest_limit: 5|Do it right.', 'which says the limit, and what to do'
);
select is(pg_temp.told(pg_temp.refusing('SE004')), '|Do it right.', 'where there is one');
select set_config('request.method', '', true);
select throws_ok(
    pg_temp.refusing('P0002'), 'P0002', 'What is wrong.', 'also where an earlier transaction had been PostgREST''s'
);
select is(nullif(current_setting('response.status', true), ''), null, 'and no status is set then');
select set_config('request.method', 'GET', true);
select lives_ok(pg_temp.refusing('P0002'), 'under PostgREST it is no error');
select pg_temp.lives_in_parallel(pg_temp.refusing('P0002'));
select is(current_setting('response.status'), '404', 'but status 404 where there is no session');
select is(
    current_setting('response.headers'), '[{"Events-Error" : "P0002"}]', 'with a header that tells it from other 404s'
);
select lives_ok(pg_temp.refusing('SE001'), 'nor is anything else an error there');

select * from finish();
rollback;
