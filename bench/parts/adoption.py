"""How long each migration takes on a filled table, and how long it keeps a writer of that table waiting."""

import statistics
import time
from collections.abc import Sequence
from functools import partial

from bench import steps
from bench.databases import vacuum
from bench.result import Result, Setting
from bench.tables import Cell, Table
from bench.writer import writing
from stack.migrations import changes

# So often does the writer commit that it notices a lock of milliseconds.
_PAUSE = 0.002
# The steps that touch the parent's table; all others make what is only ours.
OURS_ON_EVENTS = "events_"


def measure(setting: Setting) -> Result:
    """Migrates the database ADOPTED, which all other parts need, and times it."""
    found, scale = setting.found, setting.scale
    rows: list[Sequence[Cell]] = []
    other: list[tuple[float, list[float]]] = []
    with writing(found.adopted, [found.live], _PAUSE) as writer:
        rows.append(_row("(nothing, for comparison)", [writer.watched(lambda: time.sleep(scale.baseline))]))
        for name in changes():
            watched = writer.watched(partial(steps.deploy, found.adopted, [name]))
            if name.startswith(OURS_ON_EVENTS):
                rows.append(_row(name, [watched]))
            else:
                other.append(watched)
        rows.append(_row(f"the other {len(other)}, together", other))
        rows.append(_row("then: vacuum (analyze)", [writer.watched(partial(vacuum, found.adopted))]))
    table = Table(
        "adoption",
        f"Each migration on a table of {scale.events:,} events, while a writer commits one event after the other",
        ["step", "seconds", "inserts meanwhile", "median insert, ms", "longest insert, ms"],
        rows,
        "The longest insert is the longest that a lock of the step can have kept the writer waiting."
        " The seconds include the start of psql.",
    )
    return Result([table])


def _row(name: str, watched: Sequence[tuple[float, list[float]]]) -> Sequence[Cell]:
    inserts = [seconds * 1000 for _, delayed in watched for seconds in delayed]
    taken = sum(seconds for seconds, _ in watched)
    # A step may end before the writer's next turn.
    typical, longest = (statistics.median(inserts), max(inserts)) if inserts else (None, None)
    return [name, taken, len(inserts), typical, longest]
