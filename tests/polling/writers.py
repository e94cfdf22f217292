"""Writers that do what makes pollers lose events: late commits, wrong clocks, rollbacks, prepared transactions."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg

from tests.support.rows import Event, add_events

TYPES = ("info", "warning", "error")


@dataclass
class Writer:
    """One application process: a connection, a clock of its own, and a random sequence of transactions."""

    dsn: str
    session_id: UUID
    seed: str
    transactions: int
    # Whether it also changes and deletes what it has written.
    changes: bool = False
    failure: BaseException | None = None
    interrupted: bool = False
    prepared: list[str] = field(default_factory=list)
    # What it has committed itself, and so may change without waiting for anybody.
    own: list[UUID] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        # Minutes behind or ahead; the same for all that this process writes.
        self.clock_error = timedelta(seconds=self.random.choice([0, 0, -300, 300, self.random.uniform(-5, 5)]))

    def run(self) -> None:
        """Writes until done; a server that went away is the end of it."""
        try:
            with psycopg.connect(self.dsn, autocommit=True) as connection:
                for _ in range(self.transactions):
                    self._transaction(connection)
        except psycopg.OperationalError:
            self.interrupted = True
        except BaseException as error:
            self.failure = error
            raise

    def _transaction(self, connection: psycopg.Connection[Any]) -> None:
        kind = self.random.choices(
            ["plain", "rollback", "savepoint", "prepared", "burst", "slow", "early"], [6, 1, 2, 1, 1, 1, 2]
        )[0]
        events = self._events(25 if kind == "burst" else self.random.randint(1, 3))
        connection.execute("begin")
        if kind == "early":
            # It has its transaction id long before it writes its events.
            connection.execute("select pg_current_xact_id()")
        self._wait(connection, 0.15 if kind in {"slow", "early"} else 0.01)
        add_events(connection, self.session_id, events)
        if kind == "savepoint":
            connection.execute("savepoint later")
            add_events(connection, self.session_id, self._events(2))
            connection.execute(self.random.choice(["rollback to savepoint later", "release savepoint later"]))
            add_events(connection, self.session_id, self._events(1))
        gone = self._change(connection) if self.changes and kind != "prepared" else []
        self._wait(connection, 0.3 if kind == "slow" else 0.03)
        self._end(connection, kind)
        if kind not in {"prepared", "rollback"}:
            self.own = [event_id for event_id in [*self.own, *(event.id for event in events)] if event_id not in gone]

    def _change(self, connection: psycopg.Connection[Any]) -> list[UUID]:
        """Changes some of its events and deletes others; whom it has deleted."""
        changed, deleted = (self.random.sample(self.own, min(most, len(self.own))) for most in (3, 1))
        connection.execute(
            "update public.events set message = %s, event_type = %s where id = any(%s)",
            [f"changed by {uuid4()}", self.random.choice(TYPES), changed],
        )
        connection.execute("delete from public.events where id = any(%s)", [deleted])
        return deleted

    def _end(self, connection: psycopg.Connection[Any], kind: str) -> None:
        if kind != "prepared":
            connection.execute("rollback" if kind == "rollback" else "commit")
            return
        name = str(uuid4())
        # Known from here on: it outlives its connection, and a crash in the next line but one too.
        self.prepared.append(name)
        connection.execute(f"prepare transaction '{name}'")
        self._wait(connection, 0.1)
        # The others are left for finish().
        if self.random.random() >= 0.3:
            connection.execute(f"{self.random.choice(['commit', 'rollback'])} prepared '{name}'")

    def _events(self, count: int) -> list[Event]:
        return [
            Event(
                event_type=self.random.choice(TYPES),
                # The application reads its clock, and only some time later reaches the database.
                timestamp=datetime.now(UTC) + self.clock_error - timedelta(seconds=self.random.expovariate(50)),
                event_data={"writer": self.seed},
            )
            for _ in range(count)
        ]

    def _wait(self, connection: psycopg.Connection[Any], most: float) -> None:
        """Lets time pass in the open transaction: this is the load, nothing waits for it."""
        connection.execute("select pg_sleep(%s)", [self.random.uniform(0, most)])


@contextmanager
def writing(writers: list[Writer]) -> Iterator[list[threading.Thread]]:
    """The writers at work; at the end all have finished, and none has failed."""
    threads = [threading.Thread(target=writer.run) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        yield threads
    finally:
        for thread in threads:
            thread.join()
    assert not [writer.failure for writer in writers if writer.failure]


def finish(connection: psycopg.Connection[Any], writers: list[Writer]) -> None:
    """Commits what was left prepared and has survived."""
    names = {name for writer in writers for name in writer.prepared}
    for (name,) in connection.execute(
        "select gid from pg_prepared_xacts where database = current_database()"
    ).fetchall():
        if name in names:
            connection.execute(f"commit prepared '{name}'")
