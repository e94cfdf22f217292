begin;
\ir fixtures.psql
select plan(50);

-- Contract
select has_function('events_internal', 'decode_cursor', 'events_internal.decode_cursor() is there');
select pg_temp.has_contract(
    'events_internal.decode_cursor(text, uuid)', 'p_cursor text, p_session_id uuid',
    'pg_snapshot', 'plpgsql', 'volatile', false, array[pg_temp.search_path()]
);

-- Privileges
select pg_temp.is_private('events_internal.decode_cursor(text, uuid)');

-- Behaviour. A cursor's text, taken apart, with one field replaced, and put together again under a check that is right.
create function pg_temp.text_of(p_cursor text) returns text
language sql
return convert_from(
    decode(rpad(translate(p_cursor, '-_', '+/'), (length(p_cursor) + 3) / 4 * 4, '='), 'base64'), 'UTF8'
);
create function pg_temp.cursor_of(p_bytes bytea) returns text
language sql
return translate(encode(p_bytes, 'base64'), E'+/=\n', '-_');
create function pg_temp.fields() returns text[]
language sql
return trim_array(string_to_array(pg_temp.text_of(events_internal.encode_cursor(pg_temp.id(1), pg_current_snapshot(), false)), ' '), 1);
create function pg_temp.replaced(p_fields text[], p_field integer, p_value text) returns text[]
language sql
return array(
    select case f.position when p_field then p_value else f.value end
    from unnest(p_fields) with ordinality as f (value, position)
    order by f.position
);
create function pg_temp.cursor_of(p_fields text[]) returns text
language sql
return pg_temp.cursor_of(
    convert_to(array_to_string(p_fields || events_internal.cursor_check(array_to_string(p_fields, ' ')), ' '), 'UTF8')
);
create function pg_temp.tampered(p_field integer, p_value text) returns text
language sql
return pg_temp.cursor_of(pg_temp.replaced(pg_temp.fields(), p_field, p_value));

-- The error that a cursor leads to, or null.
create function pg_temp.code_of(p_cursor text) returns text
language plpgsql
as $$
begin
    perform events_internal.decode_cursor(p_cursor, pg_temp.id(1));
    return null;
exception
    when others then return sqlstate;
end;
$$;
create function pg_temp.decoding(p_cursor text) returns text
language sql
return format('select events_internal.decode_cursor(%L, pg_temp.id(1))', p_cursor);

select is(
    events_internal.decode_cursor(events_internal.encode_cursor(pg_temp.id(1), '5:9:5', false), pg_temp.id(1))::text, '5:9:5',
    'an untouched cursor is the snapshot that it was made of'
);


-- Where the fields stand, as the comment of encode_cursor() says.
\set version 1
\set history 2
\set incarnation 3
\set session 4
\set durable 5
\set snapshot 6
select matches(
    obj_description('events_internal.encode_cursor(uuid, pg_snapshot, boolean)'::regprocedure),
    '"1 history_id incarnation session_id durable_xid snapshot check"',
    'a cursor is made of six fields and a check'
);

-- Malformed
select throws_ok(pg_temp.decoding(c.cursor), 'SE001', 'The cursor is malformed.', format('%s is malformed', c.description))
from (values
    ('', 'the empty text'),
    (' ', 'a space'),
    ('yesterday', 'a word'),
    ('2026-01-13T14:30:00.123456Z', 'a timestamp'),
    ('ünïcödé', 'what is not ASCII'),
    ('=', 'padding alone'),
    ('____', 'bytes that are no text'),
    (repeat('A', 1000000), 'a megabyte'),
    (pg_temp.cursor_of(array['1']), 'one field'),
    (pg_temp.cursor_of(array['1', '2', '3', '4', '5', '6']), 'six fields of anything'),
    (pg_temp.cursor_of(convert_to(array_to_string(pg_temp.fields(), ' '), 'UTF8')), 'a cursor without its check'),
    (pg_temp.cursor_of(convert_to(array_to_string(pg_temp.fields() || array['00000000'], ' '), 'UTF8')), 'one with a wrong check'),
    (pg_temp.cursor_of('\x000102'::bytea), 'bytes that text cannot hold'),
    (lower(events_internal.encode_cursor(pg_temp.id(1), '5:9:5', false)), 'a cursor in lower case'),
    (events_internal.encode_cursor(pg_temp.id(1), '5:9:5', false) || 'AAAA', 'a cursor with more after it'),
    (pg_temp.tampered(:version, '2'), 'another version'),
    (pg_temp.tampered(:version, ''), 'no version'),
    (pg_temp.tampered(:incarnation, ''), 'no incarnation'),
    (pg_temp.tampered(:session, 'x'), 'a session that is no UUID'),
    (pg_temp.tampered(:durable, 'x'), 'a durable id that is no number'),
    (pg_temp.cursor_of(pg_temp.replaced(pg_temp.replaced(pg_temp.fields(), :incarnation, '77'), :durable, '0')),
        'a durable id that is none, after a crash'),
    (pg_temp.tampered(:snapshot, '9:5:'), 'a snapshot that ends before it begins'),
    (pg_temp.tampered(:snapshot, '0:0:'), 'a snapshot of no id'),
    (pg_temp.tampered(:snapshot, '5:9:9'), 'a snapshot with a writer past its end'),
    (pg_temp.tampered(:snapshot, '5:9:5 x'), 'a field too many')
) as c (cursor, description);
select is_empty(
    $$
    select left(c.cursor, n)
    from events_internal.encode_cursor(pg_temp.id(1), '100:108:101,103,105', false) as c (cursor)
    cross join generate_series(0, length(c.cursor) - 1) as n
    where pg_temp.code_of(left(c.cursor, n)) is distinct from 'SE001'
    $$,
    'a cursor that was cut off is malformed, wherever that happened'
);

select is_empty(
    $$
    select n
    from events_internal.encode_cursor(pg_temp.id(1), '100:108:101,103,105', false) as c (cursor)
    cross join generate_series(1, length(c.cursor) - 1) as n
    where pg_temp.code_of(overlay(c.cursor placing case substr(c.cursor, n, 1) when 'A' then 'B' else 'A' end from n for 1))
        is null
    $$,
    'a cursor with one character changed is not taken for whole, wherever that is'
);

-- Of somebody else
select throws_ok(
    pg_temp.decoding(pg_temp.tampered(:session, pg_temp.id(2)::text)),
    'SE002', 'The cursor belongs to another session.', 'another session is told apart'
);
select throws_ok(
    pg_temp.decoding(c.cursor),
    'SE003', 'The cursor belongs to another database, or to a history that this one has lost.',
    format('%s is a lost history', c.description)
)
from (values
    (pg_temp.tampered(:history, ''), 'no history'),
    (pg_temp.tampered(:history, 'x'), 'a history by another name'),
    (pg_temp.tampered(:history, regexp_replace((pg_temp.fields())[:history], '^\d+', '7000000000000000000')), 'another cluster'),
    (pg_temp.tampered(:history, regexp_replace((pg_temp.fields())[:history], '\.\d+', '.77')), 'another timeline'),
    (pg_temp.tampered(:history, regexp_replace((pg_temp.fields())[:history], '\d+(\.\d+)$', '77\1')), 'another database'),
    (pg_temp.tampered(:history, regexp_replace((pg_temp.fields())[:history], '\d+$', '77')), 'another table'),
    (pg_temp.tampered(:snapshot, '5:9000000000000000000:'), 'a snapshot of the future'),
    (pg_temp.tampered(:snapshot, '5:99999999999999999999:'), 'a snapshot past all ids')
) as c (cursor, description);

-- After a crash
select is(
    events_internal.decode_cursor(pg_temp.tampered(:incarnation, '77'), pg_temp.id(1))::text,
    events_internal.clamp_snapshot(pg_current_snapshot(), (events_internal.history()).durable_xid)::text,
    'of before a crash only what was durable is believed'
);

-- Spelling
select is(
    events_internal.decode_cursor(translate(c.cursor, '-_', '+/'), pg_temp.id(1))::text, '5:9:5',
    'the standard alphabet of base64 is read as well'
)
from events_internal.encode_cursor(pg_temp.id(1), '5:9:5', false) as c (cursor);

select * from finish();
rollback;
