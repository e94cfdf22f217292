"""How long each migration takes on a filled table, and how long it keeps a writer of that table waiting."""

import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

import psycopg

from bench import steps
from bench.databases import Databases, vacuum
from bench.scale import Scale
from bench.tables import Cell, Table

# So often does the writer commit that it notices a lock of milliseconds.
_PAUSE = 0.002
# The steps that touch the parent's table; all others make what is only ours.
_OURS_ON_EVENTS = "events_"
_INSERT = """
insert into public.events (id, session_id, event_type, event_data, message, "timestamp")
values (gen_random_uuid(), %s, 'info', '{"n": 1}', 'live', now())
"""


@dataclass
class LiveWriter:
    """Commits one event after the other; `inserts` has the start and the seconds of each."""

    dsn: str
    session_id: UUID
    inserts: list[tuple[float, float]] = field(default_factory=list)
    failure: psycopg.Error | None = None
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Until stopped."""
        try:
            with psycopg.connect(self.dsn, autocommit=True) as connection:
                while not self._stop.wait(_PAUSE):
                    begun = time.monotonic()
                    connection.execute(_INSERT, [self.session_id])
                    self.inserts.append((begun, time.monotonic() - begun))
        except psycopg.Error as error:
            self.failure = error

    def stop(self) -> None:
        """After the insert that is under way."""
        self._stop.set()

    def wait_for_insert(self, moment: float) -> None:
        """Returns once an insert has ended that began after `moment`, or failed."""
        while self.failure is None and not (self.inserts and self.inserts[-1][0] > moment):
            time.sleep(_PAUSE)

    def watched(self, run: Callable[[], object]) -> tuple[float, list[float]]:
        """The seconds that `run` took, and those of all inserts that it may have delayed."""
        begun = time.monotonic()
        run()
        ended = time.monotonic()
        # The insert under way may wait for the last lock.
        self.wait_for_insert(ended)
        return ended - begun, [seconds for start, seconds in self.inserts if begun - seconds < start < ended]


@contextmanager
def writing(dsn: str, session_id: UUID) -> Iterator[LiveWriter]:
    """A writer at work.

    Raises:
        psycopg.Error: an insert failed.
    """
    writer = LiveWriter(dsn, session_id)
    thread = threading.Thread(target=writer.run)
    thread.start()
    try:
        writer.wait_for_insert(time.monotonic())
        yield writer
    finally:
        writer.stop()
        thread.join()
    if writer.failure:
        raise writer.failure


def measure(found: Databases, scale: Scale) -> Table:
    """Migrates the database ADOPTED, which all other parts need, and times it."""
    rows: list[Sequence[Cell]] = []
    other: list[tuple[float, list[float]]] = []
    with writing(found.adopted, found.live) as writer:
        rows.append(_row("(nothing, for comparison)", [writer.watched(lambda: time.sleep(scale.baseline))]))
        for name in steps.plan():
            watched = writer.watched(partial(steps.deploy, found.adopted, [name]))
            if name.startswith(_OURS_ON_EVENTS):
                rows.append(_row(name, [watched]))
            else:
                other.append(watched)
        rows.append(_row(f"the other {len(other)}, together", other))
        rows.append(_row("then: vacuum (analyze)", [writer.watched(partial(vacuum, found.adopted))]))
    return Table(
        "adoption",
        f"Each migration on a table of {scale.events:,} events, while a writer commits one event after the other",
        ["step", "seconds", "inserts meanwhile", "median insert, ms", "longest insert, ms"],
        rows,
        "The longest insert is the longest that a lock of the step can have kept the writer waiting."
        " The seconds include the start of psql.",
    )


def _row(name: str, watched: Sequence[tuple[float, list[float]]]) -> Sequence[Cell]:
    inserts = [seconds * 1000 for _, delayed in watched for seconds in delayed]
    taken = sum(seconds for seconds, _ in watched)
    # A step may end before the writer's next turn.
    typical, longest = (statistics.median(inserts), max(inserts)) if inserts else (None, None)
    return [name, taken, len(inserts), typical, longest]
