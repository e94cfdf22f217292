begin;
\ir fixtures.psql
select plan(26);

-- Contract
\set signature 'events_internal.first_walk(events_internal.asked, bigint, timestamptz, bigint, pg_snapshot, '
\set signature :signature 'boolean, pg_lsn, text)'
select pg_temp.has_contract(
    :'signature',
    'p_asked events_internal.asked, p_total bigint, p_oldest timestamp with time zone, p_read bigint, '
    'p_as_of pg_snapshot, p_is_whole boolean, p_shown_lsn pg_lsn, p_origin text',
    'events_internal.walk', 'plpgsql', 'immutable', null
);

-- Privileges
select pg_temp.is_private(
    :'signature'
);

-- Behaviour
create function pg_temp.first(p_asked jsonb, p_read bigint default 5, p_is_whole boolean default true) returns jsonb
language sql
return to_jsonb(events_internal.first_walk(
    jsonb_populate_record(null::events_internal.asked, jsonb_build_object(
        'session_id', pg_temp.id(1), 'from_at', pg_temp.at(1), 'has_cursor', false, 'page', 1, 'per_page', 10,
        'told_at', 'T'
    ) || p_asked),
    5, pg_temp.at(7), p_read, '5:9:', p_is_whole, '0/10', 'origin'
));
select is(
    pg_temp.first('{"event_type": "info"}'),
    to_jsonb(row(
        pg_temp.id(1), 'info', pg_temp.at(1), null, '5:9:', true, '0/10', false,
        'infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 0, 10, 1, 5, 'origin', 'T'
    )::events_internal.walk),
    'it begins before the newest event'
);
select is(
    pg_temp.first('{"has_cursor": true, "seen": "3:3:"}') - array['session_id', 'start_at', 'start_id'],
    jsonb_build_object(
        'event_type', null, 'from_at', pg_temp.at(7), 'seen', '3:3:', 'as_of', '5:9:', 'is_whole', true,
        'shown_lsn', '0/10', 'by_xid', true, 'skip', 0, 'per_page', 10, 'page', 1, 'total', 5, 'origin', 'origin',
        'told_at', 'T'
    ),
    'for a cursor it ends with the oldest that is unseen'
);
select is(pg_temp.first('{}', p_is_whole => false) ->> 'is_whole', 'false', 'it says where the snapshot was cut');
select is(
    pg_temp.first(jsonb_build_object('has_cursor', c.has_cursor, 'per_page', c.per_page), c.read) ->> 'by_xid',
    c.by_xid,
    format('by_xid is %s: %s read for pages of %s, with cursor %s', c.by_xid, c.read, c.per_page, c.has_cursor)
)
from (values
    (true, 2, 21, 'true'), (true, 1, 1000, 'true'), (true, 1, 1001, 'false'), (true, 100, 1000, 'true'),
    (true, 100, 1001, 'false'), (true, 101, 1010, 'true'), (true, 101, 1011, 'false'), (false, 10, 0, 'false')
) as c (has_cursor, per_page, read, by_xid);
select is(
    pg_temp.first(jsonb_build_object('page', s.page, 'per_page', s.per_page)) ->> 'skip', s.skip,
    format('page %s of %s skips %s', s.page, s.per_page, s.skip)
)
from (values
    (1, 1000, '0'), (2, 10, '10'), (12, 100, '1100'), (9223372036854775807, 1, '9000000000000000'),
    (9223372036854775807, 1000, '9000000000000000000')
) as s (page, per_page, skip);

select * from finish();
rollback;
