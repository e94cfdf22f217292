create or replace function events_internal.answers(
    p_polls events_internal.poll[], p_moment events_internal.moment, p_max_bytes bigint, p_way text
)
returns setof events_internal.answer
language plpgsql
stable
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
-- A policy that would hide rows is an error, never a short answer.
set row_security = off
-- One plan, whatever the statistics say: the index that is made for the question, read in its order. Left to itself the
-- planner takes a sequential scan, a bitmap or the parent's one-column indexes with a sort while statistics are stale.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
-- Without a price for pages and operators the index that reads the fewest entries wins, also before the first vacuum.
set random_page_cost = 0
set seq_page_cost = 0
set cpu_operator_cost = 0
-- The penalties of the above look like work worth compiling.
set jit = off
-- A large page passes through without a temporary file.
set work_mem = '256MB'
as $$
declare
    -- What one poll may cost the others of a shared call: entries counted, events returned.
    c_most_counted constant bigint := 1000;
    c_longest_page constant bigint := 100;
    v_is_shared boolean := p_way = 'shared';
    v_most_counted bigint := case when v_is_shared then c_most_counted + 1 end;
    v_most_printed bigint := case p_way when 'shared' then 65536 when 'alone' then 1048576 end;
    v_now pg_snapshot := pg_current_snapshot();
    v_told pg_snapshot := events_internal.told_snapshot(coalesce(p_moment.replayed, v_now));
    -- A standby that could not ask for all in flight (as_of is null) shows more than replayed says.
    v_is_whole boolean := v_told::text
        is not distinct from case when p_moment.in_recovery then p_moment.as_of else v_now end::text;
    -- After the snapshot: whatever that has seen committed was on disk by then, save for asynchronous commits.
    v_told_lsn pg_lsn := case
        when p_moment.in_recovery then p_moment.replayed_lsn
        else pg_current_wal_flush_lsn()
    end;
    v_origin text := concat_ws(
        ' ', p_moment.history_id, p_moment.incarnation, p_moment.durable_xid, v_told, v_told_lsn
    );
    v_head bytea := events_internal.token_head('2c ' || v_origin);
    v_head_text text := events_internal.token_text(v_head);
begin
    return query
        select
            final.place, final.code, final.refusal[1], final.refusal[2], final.largest_limit,
            case
                when final.code is null and final.items is null
                    then case when v_is_shared then 'alone' else 'large' end
            end,
            final.items, final.returned, final.total,
            final.page, final.per_page, final.next, final.status, final.session, final.told_at, final.cursor
        from (
            select
                a.place, a.status, a.session, a.told_at,
                coalesce(a.code, case when (f.page).too_large is not null then 'SE004' end) as code,
                case when a.code is not null or (f.page).too_large is not null then events_internal.refusal(
                    coalesce(a.code, 'SE004'), a.session_id,
                    case when a.walks then 'next' when a.has_cursor then 'cursor' end,
                    (f.page).too_large, p_max_bytes, (f.page).largest_limit
                ) end as refusal,
                (f.page).largest_limit,
                case when n.total = 0 then '[]' else (f.page).items end as items,
                coalesce((f.page).returned, 0) as returned,
                n.total,
                coalesce((a.walk).page, a.page) as page,
                coalesce((a.walk).per_page, a.per_page) as per_page,
                (f.page).next,
                case
                    when a.walks
                        then events_internal.make_token('2c ' || (a.walk).origin, a.session_id, p_moment.seal_key)
                    else v_head_text || events_internal.token_tail(v_head, a.session_id, p_moment.seal_key)
                end as cursor
            from events_internal.asked_polls(p_polls, p_moment, v_now) as a
            cross join lateral events_internal.count_unseen(
                a.session_id, a.event_type, a.seen, p_moment.as_of, v_most_counted
            ) as unseen
            -- What an idle poll does not need is called here, and not part of the plan, which would be made ready for
            -- it in each call.
            cross join lateral (
                select case
                    when a.code is not null then null
                    when a.walks then (a.walk).total
                    when not a.has_cursor
                        then events_internal.count_events(
                            a.session_id, a.event_type, a.from_at, p_moment.as_of, v_most_counted
                        )
                    when unseen.read >= v_most_counted then v_most_counted
                    else unseen.total
                end as total
                offset 0
            ) as n
            cross join lateral (
                select case
                    when coalesce(n.total, 0) = 0 then null
                    when v_is_shared
                        and (a.walks or n.total > c_most_counted or least(n.total, a.per_page) > c_longest_page)
                        then null
                    else events_internal.print_page(
                        case
                            when a.walks then a.walk
                            else events_internal.first_walk(
                                row(a.*)::events_internal.asked, n.total, unseen.oldest, unseen.read, p_moment.as_of,
                                v_is_whole,
                                -- Whatever the snapshot has seen was in the WAL by then.
                                case
                                    when p_moment.in_recovery then v_told_lsn
                                    else pg_current_wal_insert_lsn()
                                end,
                                v_origin
                            )
                        end,
                        p_max_bytes, v_most_printed, p_moment.seal_key
                    )
                end as page
                offset 0
            ) as f
            offset 0
        ) as final;
end;
$$;

comment on function events_internal.answers(events_internal.poll[], events_internal.moment, bigint, text) is
'The answers to polls, one row each: what session_events() and answer_polls() are made of.

p_polls      what is asked (session_events() says what each means)
p_moment     read_moment(), in a statement before this one
p_max_bytes  the largest JSON of a page
p_way        how the polls are asked: ''shared'' with others, ''alone'', or ''large'', with all the work that they
             need. A poll that needs more than its way has gets a row that says by which way to ask it again. Too much
             for ''shared'', where it would delay others, is one that reads more than 1,000 events, returns more than
             100 or 64 kB, or goes on with a walk; for ''alone'', whose answer is expected soon, a page of over 1 MiB

STABLE is what makes total, items and session agree: every statement in here sees the snapshot of the one that called
("Function Volatility Categories" in PostgreSQL''s manual). Counts come from one index alone; only the rows of a page
are fetched from the table (tests/plans proves it for every filter and for stale statistics).
Rules: in the order of p_polls, for the joins are nested loops over them. Never raises for what a client sent: code,
message, hint and largest_limit say what is wrong (refusal()).
Errors: 42501 where row level security would hide rows.
Example: session_events() calls it.';
