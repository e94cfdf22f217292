create or replace function events_internal.far_timestamp(p_timestamp timestamptz)
returns text
language plpgsql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_year integer;
begin
    if not isfinite(p_timestamp) then
        return p_timestamp::text;
    end if;
    v_year := extract(year from p_timestamp at time zone 'UTC');
    if v_year < 0 then
        -- The year before 1 is 0.
        v_year := v_year + 1;
    end if;
    -- There is no year -0.
    return case when v_year < 0 then '-' else '+' end || lpad(abs(v_year)::text, 6, '0')
        || to_char(p_timestamp at time zone 'UTC', '-MM-DD"T"HH24:MI:SS.US"Z"');
end;
$$;

comment on function events_internal.far_timestamp(timestamptz) is
'A timestamp outside the years 1 to 9999, as iso_timestamp() prints it: ISO 8601 expanded years, as ECMAScript reads
them; infinity and -infinity stay words.

Errors: none of its own.
Example: select events_internal.far_timestamp(''10000-01-01 00:00:00+00'');  -- +010000-01-01T00:00:00.000000Z';
