"""What a poll costs in small, typical and huge sessions, and what it would cost without our column."""

from functools import partial

import psycopg

from bench.calls import call, newest, statement
from bench.databases import SQL, Databases
from bench.pgbench import latencies
from bench.rounds import alternate, percentile, ratio, spread
from bench.scale import Scale
from bench.tables import Cell, Table

CURSOR, SINCE, XMIN = "cursor", "since", "xmin, without our column and index"


def measure(found: Databases, scale: Scale) -> Table:
    """Polls that find nothing new, in turn over the sessions."""
    sessions = {scale.small: found.small, scale.typical: found.typical, scale.large: found.large}
    with psycopg.connect(found.parent, autocommit=True) as connection:
        connection.execute(SQL.joinpath("xmin.sql").read_bytes())
        snapshot = connection.execute("select pg_current_snapshot()::text").fetchone()
    ways: dict[str, dict[int, tuple[str, str, int]]] = {CURSOR: {}, SINCE: {}, XMIN: {}}
    for size, session_id in sessions.items():
        cursor = call(found.adopted, statement(session_id)).cursor
        calls = max(scale.calls // 2, 2)
        ways[CURSOR][size] = (found.adopted, statement(session_id, p_cursor=cursor), calls)
        ways[SINCE][size] = (found.adopted, statement(session_id, p_since=newest(found, session_id)), calls)
        text = f"select * from public.bench_events_since_xmin('{session_id}', '{(snapshot or ('',))[0]}');"  # noqa: S608
        ways[XMIN][size] = (found.parent, text, scale.slow_calls)
    rows: list[list[Cell]] = []
    for way, polls in ways.items():
        results = alternate(
            {size: partial(_median, *poll) for size, poll in polls.items()},
            scale.rounds,
        )
        by_size = [results[size] for size in sessions]
        rows.append([way, *(spread(values) for values in by_size), ratio(by_size[2], by_size[1])])
    return Table(
        "sizes",
        "A poll that finds nothing new, by the number of events in its session, in ms",
        ["asked with", *(f"{size:,}" for size in sessions), f"{scale.large:,} : {scale.typical:,}"],
        rows,
        f"Medians of {scale.rounds} rounds with the least and the greatest. The last way is only the search for rows by"
        " the system column `xmin`; its count, horizon and next cursor would come on top.",
    )


def _median(dsn: str, text: str, calls: int) -> float:
    return percentile(latencies(dsn, text, calls), 50)
