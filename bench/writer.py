"""A writer at work beside what is measured."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import psycopg

_INSERT = """
insert into public.events (id, session_id, event_type, event_data, message, "timestamp")
values (gen_random_uuid(), %s, 'info', '{"n": 1}', 'live', now())
"""


@dataclass
class Writer:
    """Commits one event after the other, `pause` seconds apart; `inserts` has the start and the seconds of each."""

    dsn: str
    sessions: Sequence[UUID]
    pause: float
    inserts: list[tuple[float, float]] = field(default_factory=list)
    failure: psycopg.Error | None = None
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Until stopped, to each session in turn."""
        turns = itertools.cycle(self.sessions)
        try:
            with psycopg.connect(self.dsn, autocommit=True) as connection:
                while not self._stop.wait(self.pause):
                    begun = time.monotonic()
                    connection.execute(_INSERT, [next(turns)])
                    self.inserts.append((begun, time.monotonic() - begun))
        except psycopg.Error as error:
            self.failure = error

    def stop(self) -> None:
        """After the insert that is under way."""
        self._stop.set()

    def wait_for_insert(self, moment: float) -> None:
        """Returns once an insert has ended that began after `moment`, or failed."""
        while self.failure is None and not (self.inserts and self.inserts[-1][0] > moment):
            time.sleep(self.pause)

    def watched(self, run: Callable[[], object]) -> tuple[float, list[float]]:
        """The seconds that `run` took, and those of all inserts that it may have delayed."""
        begun = time.monotonic()
        run()
        ended = time.monotonic()
        # The insert under way may wait for the last lock.
        self.wait_for_insert(ended)
        return ended - begun, [seconds for start, seconds in self.inserts if begun - seconds < start < ended]


@contextmanager
def writing(dsn: str, sessions: Sequence[UUID], pause: float) -> Iterator[Writer]:
    """A writer at work.

    Raises:
        psycopg.Error: an insert failed.
    """
    writer = Writer(dsn, sessions, pause)
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
