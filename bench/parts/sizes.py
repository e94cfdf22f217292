"""What a first page and a poll cost in small, typical and huge sessions, and a poll without our column."""

from collections.abc import Mapping, Sequence
from functools import partial
from uuid import UUID

import psycopg

from bench import targets
from bench.calls import call, newest, statement
from bench.contenders import CONTENDERS, PRODUCT, Running, Served, contenders
from bench.databases import SQL, Databases
from bench.load import by_own_client
from bench.pgbench import latencies
from bench.polls import Poll, positions
from bench.result import Figure, Result, Setting
from bench.rounds import alternate, percentile, ratio, spread
from bench.scale import Scale
from bench.tables import Cell, Table

_FIRST, _IDLE = "first page of 100", "poll, nothing new"
_CURSOR, _SINCE, _XMIN = "cursor", "since", "xmin, without our column and index"

Sessions = Mapping[int, UUID]
# By question and contender, then by size: milliseconds, one a round.
Taken = Mapping[tuple[str, str], Mapping[int, list[float]]]


def measure(setting: Setting) -> Result:
    """By HTTP, and in the database alone."""
    found, scale = setting.found, setting.scale
    sessions = {
        scale.crowded: found.crowd[0],
        scale.typical: found.typical,
        scale.medium: found.medium,
        scale.large: found.large,
    }
    served = _served(sessions, setting)
    ours = served[_FIRST, PRODUCT]
    growth = ratio(ours[scale.large], ours[scale.typical])
    tables = [_served_table(served, sessions, scale)]
    if setting.whole:
        tables.append(_called_table(found, sessions, scale))
    return Result(tables, {targets.SIZE: Figure(growth)})


def _served(sessions: Sessions, setting: Setting) -> Taken:
    entrants = [one for one in CONTENDERS if one.answers and one.follows]
    with contenders(setting.found, by_own_client, entrants) as running:
        by_name = {one.name: at_work for one, at_work in running.items() if isinstance(at_work, Served)}
        now = positions(list(sessions.values()), by_name[PRODUCT].answer)
        return {
            (question, name): alternate(
                {size: partial(_asked, one, poll(session_id), setting) for size, session_id in sessions.items()},
                setting.scale.rounds,
            )
            for question, poll in {_FIRST: Poll, _IDLE: now.__getitem__}.items()
            for name, one in by_name.items()
        }


def _asked(running: Running, poll: Poll, setting: Setting) -> float:
    return running.load([poll], connections=1, seconds=setting.scale.glance).p50


def _served_table(served: Taken, sessions: Sessions, scale: Scale) -> Table:
    return Table(
        "sizes-served",
        "One request after the other on one connection, by the number of events in its session, in ms",
        ["request", "server", *_columns(sessions, scale)],
        [[*names, *_cells(taken, sessions, scale)] for names, taken in served.items()],
        f"Medians of {scale.rounds} rounds with the least and the greatest.",
    )


def _called_table(found: Databases, sessions: Sessions, scale: Scale) -> Table:
    with psycopg.connect(found.parent, autocommit=True) as connection:
        connection.execute(SQL.joinpath("xmin.sql").read_bytes())
        snapshot = connection.execute("select pg_current_snapshot()::text").fetchone()
    ways: dict[str, dict[int, tuple[str, str, int]]] = {_CURSOR: {}, _SINCE: {}, _XMIN: {}}
    for size, session_id in sessions.items():
        cursor = call(found.adopted, statement(session_id)).cursor
        calls = max(scale.calls // 2, 2)
        ways[_CURSOR][size] = (found.adopted, statement(session_id, p_cursor=cursor), calls)
        ways[_SINCE][size] = (found.adopted, statement(session_id, p_since=newest(found, session_id)), calls)
        seen = (snapshot or ("",))[0]
        text = f"select * from public.bench_events_since_xmin('{session_id}', '{seen}');"  # noqa: S608
        ways[_XMIN][size] = (found.parent, text, scale.slow_calls)
    rows: list[Sequence[Cell]] = []
    for way, polls in ways.items():
        taken = alternate({size: partial(_median, *poll) for size, poll in polls.items()}, scale.rounds)
        rows.append([way, *_cells(taken, sessions, scale)])
    return Table(
        "sizes",
        "A poll that finds nothing new in the database alone, by the number of events in its session, in ms",
        ["asked with", *_columns(sessions, scale)],
        rows,
        f"Medians of {scale.rounds} rounds with the least and the greatest. The last way is only the search for rows by"
        " the system column `xmin`; its count, horizon and next cursor would come on top.",
    )


def _columns(sessions: Sessions, scale: Scale) -> list[str]:
    return [*(f"{size:,}" for size in sessions), f"{scale.large:,} : {scale.typical:,}"]


def _cells(taken: Mapping[int, list[float]], sessions: Sessions, scale: Scale) -> list[Cell]:
    return [*(spread(taken[size]) for size in sessions), ratio(taken[scale.large], taken[scale.typical])]


def _median(dsn: str, text: str, calls: int) -> float:
    return percentile(latencies(dsn, text, calls), 50)
