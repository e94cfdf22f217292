set search_path = pg_catalog, pg_temp;
begin;

create type events_internal.poll as (
    session_id uuid,
    since timestamptz,
    event_type text,
    "limit" bigint,
    page bigint,
    cursor text,
    next text
);

comment on type events_internal.poll is 'What a poll asks: the arguments of api.session_events().';

create type events_internal.moment as (
    in_recovery boolean,
    read_at timestamptz,
    horizon timestamptz,
    history_id text,
    incarnation bigint,
    durable_xid xid8,
    seal_key text,
    replayed pg_snapshot,
    replayed_lsn pg_lsn,
    as_of pg_snapshot
);

comment on type events_internal.moment is 'What is known before the rows are read: read_moment().';

create type events_internal.walk as (
    session_id uuid,
    event_type text,
    from_at timestamptz,
    seen pg_snapshot,
    as_of pg_snapshot,
    is_whole boolean,
    shown_lsn pg_lsn,
    by_xid boolean,
    start_at timestamptz,
    start_id uuid,
    skip bigint,
    per_page integer,
    page bigint,
    total bigint,
    origin text,
    told_at text
);

comment on type events_internal.walk is 'Which page to read, and what every answer of its walk says beside it.';
comment on column events_internal.walk.event_type is 'Only this type; null is every type.';
comment on column events_internal.walk.from_at is
'Only from this time on; for a cursor, the oldest time that it has not told.';
comment on column events_internal.walk.seen is 'Only what this snapshot has not seen; null is everything.';
comment on column events_internal.walk.as_of is 'Only what this snapshot has seen; null is all that is visible.';
comment on column events_internal.walk.is_whole is
'Whether the cursor bears the whole snapshot of the rows; else later pages show what is visible then.';
comment on column events_internal.walk.shown_lsn is
'Up to where a standby must have replayed to show what as_of has seen.';
comment on column events_internal.walk.by_xid is
'Whether to read from events_by_xid and sort, instead of a range by time.';
comment on column events_internal.walk.start_at is
'With start_id, the event that the page begins with, or an earlier one.';
comment on column events_internal.walk.skip is 'How many events to leave out first: a page by number.';
comment on column events_internal.walk.origin is
'What stands in the cursor: history_id, incarnation, durable_xid, snapshot, told_lsn.';
comment on column events_internal.walk.told_at is 'The answers'' timestamp.';

create type events_internal.asked as (
    place bigint,
    code text,
    session_id uuid,
    status text,
    session text,
    event_type text,
    from_at timestamptz,
    has_cursor boolean,
    seen pg_snapshot,
    walks boolean,
    walk events_internal.walk,
    page bigint,
    per_page integer,
    told_at text
);

comment on type events_internal.asked is 'A poll with its tokens opened and its session beside it: asked_polls().';

create type events_internal.page_event as (
    id uuid,
    session_id uuid,
    step_id uuid,
    event_type text,
    "timestamp" timestamptz,
    message text,
    event_data jsonb
);

comment on type events_internal.page_event is 'An event as it is read from public.events.';

create type events_internal.page as (
    items bytea,
    returned integer,
    next text,
    too_large bigint,
    largest_limit integer
);

comment on type events_internal.page is 'A page as it is printed, or how large it would be: print_page().';
comment on column events_internal.page.items is 'A JSON array; null for a page that does not fit.';
comment on column events_internal.page.next is 'The token of the page after it; null on the last.';
comment on column events_internal.page.too_large is 'The bytes of a page that does not fit.';
comment on column events_internal.page.largest_limit is
'With it every page cut from these events fits; null where one event alone is too large.';

create type events_internal.answer as (
    place bigint,
    code text,
    message text,
    hint text,
    largest_limit integer,
    way text,
    items bytea,
    returned integer,
    total bigint,
    page bigint,
    per_page integer,
    next text,
    status text,
    session text,
    "timestamp" text,
    cursor text
);

comment on type events_internal.answer is
'The answer to the poll at this place, or what is wrong with it (code), or by which way to ask it again: answers().';

commit;
