-- No SET clause, so that PostgreSQL can inline it. Not bound when made, so that the parent can alter its columns.
create or replace function events_internal.asked_polls(
    p_polls events_internal.poll[], p_moment events_internal.moment, p_now pg_snapshot
)
returns setof events_internal.asked
language sql
stable
parallel unsafe
security invoker
as $$
    select
        p.place,
        case
            -- What it shows may be of a history that is lost: neither is a cursor believed, nor one given out.
            when p_moment.history_id is null then 'SE005'
            when t.code is not null then t.code
            when c.code is not null then c.code
            when pg_snapshot_xmax(c.seen) > pg_snapshot_xmax(p_now)
                -- A standby may lag behind the primary that gave the cursor out.
                and not p_moment.in_recovery
                and not events_internal.is_assigned((pg_snapshot_xmax(c.seen)::text::bigint - 1)::text::xid8)
                then 'SE003'
            -- A commit that waits for its standby is seen there first.
            when pg_snapshot_xmin(p_now) < pg_snapshot_xmax(c.seen)
                and not p_moment.in_recovery
                and t.fields[3]::bigint <> p_moment.incarnation
                and not events_internal.contains_snapshot(p_now, c.seen)
                then 'SE005'
            when p.next is not null and not events_internal.can_show(t.fields, p_moment, p_now) then 'SE003'
            when s.id is null then 'P0002'
        end,
        p.session_id,
        s.status,
        events_internal.session_json(s.status, s.session_type, s.project_path, s.created_at, s.completed_at),
        p.event_type,
        case
            when p.since is null then '-infinity'
            -- At microseconds, strictly after p_since is from the next one on; one condition then serves both.
            when p.since < '294276-12-31 23:59:59.999999+00' then p.since + interval '1 microsecond'
            else 'infinity'
        end,
        p.cursor is not null,
        c.seen,
        p.next is not null,
        c.walk,
        p.page,
        least(p."limit", 1000)::integer,
        coalesce((c.walk).told_at, events_internal.iso_timestamp(c.told_at))
    from unnest(p_polls) with ordinality as p (session_id, since, event_type, "limit", page, cursor, next, place)
    left join public.sessions as s on s.id = p.session_id
    left join lateral events_internal.open_token(
        coalesce(p.cursor, p.next), p.session_id, case when p.next is null then '2c' else '2w' end,
        p_moment.history_id, p_moment.seal_key
    ) as t on true
    cross join lateral (
        select
            case
                when p.cursor is null or t.code is not null then null
                when t.fields[3]::bigint = p_moment.incarnation and not p_moment.in_recovery
                    and t.fields[2] = p_moment.history_id
                    then t.fields[5]::pg_snapshot
                -- After a crash or a promotion ids that never reached the disk are given out again: believe only what
                -- was durable.
                -- A standby copied from a stopped primary has the primary's incarnation.
                else events_internal.clamp_snapshot(t.fields[5]::pg_snapshot, t.fields[4]::xid8)
            end as seen,
            case
                when p.next is not null and t.code is null then events_internal.continued_walk(t.fields, p.session_id)
            end as walk,
            case
                when t.code is not null or (t.fields[2] = p_moment.history_id and not p_moment.in_recovery) then null
                else events_internal.token_code(
                    t.fields[2], t.fields[case when p.next is null then 6 else 13 end]::pg_lsn,
                    t.fields[5]::pg_snapshot, p_moment
                )
            end as code,
            -- One microsecond before the horizon: "since" is strictly after, and a writer's own now() is its start.
            least(
                p_moment.read_at - interval '1 microsecond',
                case
                    when isfinite(p_moment.horizon) then greatest(p_moment.horizon - interval '1 microsecond', p.since)
                    else coalesce(p.since, s.created_at - interval '1 microsecond')
                end
            ) as told_at
        -- Computed once, not once for each use.
        offset 0
    ) as c
    offset 0
$$;

comment on function events_internal.asked_polls(events_internal.poll[], events_internal.moment, pg_snapshot) is
'What polls ask for: tokens opened and believed as far as this server can, the session beside them. One row a poll.

p_moment  of read_moment(), read before the snapshot of the caller
p_now     pg_current_snapshot() of the caller

Codes: SE001, SE002, SE003 of open_token(); SE003 and SE005 of token_code(); SE003 also for a cursor that has seen what
this database has not assigned yet, and for a walk whose snapshot this server cannot show any more; SE005 also for a
cursor of a standby that has seen a commit which still waits for a standby here, and for every poll of a standby that is
not sure of its history; P0002 no such session.
Rules: after a crash or a promotion the snapshot in a cursor is cut to what was durable when it was made: one poll
repeats at most what was written since then.
It is read with the search_path of answers(): do not call it by hand in a database that you do not trust.
Errors: none of its own.
Example: answers() reads it.';
