"""The database alone: SC-005, an answer from a session of typical size in under 100 ms."""

import statistics

from bench.calls import call, newest, statement
from bench.pgbench import latencies
from bench.result import Result, Setting
from bench.rounds import percentile
from bench.tables import Cell, Table

_LIMIT_MS = 100


def measure(setting: Setting) -> Result:
    """Latencies by pgbench, on one connection with prepared statements and on a new connection each time."""
    found, scale = setting.found, setting.scale
    session_id, dsn = found.typical, found.adopted
    first = call(dsn, statement(session_id))
    questions = {
        "default request": statement(session_id),
        "page of 1000": statement(session_id, p_limit=1000),
        "last page": statement(session_id, p_page=-(-scale.typical // 100)),
        "type": statement(session_id, p_event_type="error"),
        "since, nothing new": statement(session_id, p_since=newest(found, session_id)),
        "since, all": statement(session_id, p_since="2026-01-01T00:00:00Z"),
        "cursor, nothing new": statement(session_id, p_cursor=first.cursor),
    }
    rows: list[list[Cell]] = []
    for name, text in questions.items():
        answer = call(dsn, text)
        kept = latencies(dsn, text, scale.calls)
        fresh = latencies(dsn, text, max(scale.calls // 8, 2), protocol="simple", connect=True)
        rows.append(
            [name, answer.total, answer.returned, *_figures(kept), percentile(fresh, 50), percentile(fresh, 95)]
        )
    table = Table(
        "function",
        f"api.session_events() on a session of {scale.typical:,} events, by pgbench",
        [
            "request",
            "events counted",
            "returned",
            "average, ms",
            "p50",
            "p95",
            "p99",
            "longest",
            "new connection, p50",
            "p95",
        ],
        rows,
        f"One client; `-M prepared` on a kept connection, and `-M simple --connect` (connecting itself is not counted)."
        f" SC-005 asks for less than {_LIMIT_MS} ms.",
    )
    return Result([table])


def _figures(values: list[float]) -> list[Cell]:
    return [statistics.fmean(values), *(percentile(values, percent) for percent in (50, 95, 99, 100))]
