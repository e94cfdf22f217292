-- No SET clause, so that PostgreSQL can inline it; the body is bound when the function is made.
create or replace function events_internal.iso_timestamp(p_timestamp timestamptz)
returns text
language sql
stable
parallel safe
security invoker
return case
    when p_timestamp >= timestamptz '0001-01-01 00:00:00+00' and p_timestamp < timestamptz '10000-01-01 00:00:00+00'
        then to_char(p_timestamp at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    else events_internal.far_timestamp(p_timestamp)
end;

comment on function events_internal.iso_timestamp(timestamptz) is
'A timestamp as the API prints it: UTC, six fraction digits, Z.

Rules: within the years 1 to 9999 the result has 27 characters and sorts as text. Outside, the year has a sign and six
digits (ISO 8601 expanded, as ECMAScript reads it); infinity and -infinity stay words.
Example: select events_internal.iso_timestamp(now());';
