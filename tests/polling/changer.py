"""Several applications in one thread, so that a test knows at every moment what is committed and what was touched."""

import random
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg

from tests.polling.writers import TYPES
from tests.support.rows import START, Event, add_events

Connection = psycopg.Connection[Any]

_APPLICATIONS = 3


@dataclass
class _Application:
    """A connection, and the events that its open transaction has locked."""

    connection: Connection
    locked: set[UUID] = field(default_factory=set)


@dataclass
class Changer:
    """Writes, changes and deletes events of a session at random, in transactions that end at random."""

    session_id: UUID
    random: random.Random
    observer: Connection
    applications: list[_Application]
    savepoints: bool
    # Those whose row a transaction that has ended well changed or deleted.
    touched: set[str] = field(default_factory=set)

    def steps(self, count: int) -> None:
        """So many times one application writes, or ends its transaction."""
        for _ in range(count):
            application = self.random.choice(self.applications)
            if self.random.random() < 0.35:
                self._end(application)
            else:
                self._write(application)

    def finish(self) -> None:
        """Ends what is in flight."""
        for application in self.applications:
            self._end(application)

    def _end(self, application: _Application) -> None:
        how = self.random.choice(["commit", "commit", "commit", "rollback", "prepare"])
        if how == "prepare":
            name = str(uuid4())
            application.connection.execute("select")
            application.connection.execute(f"prepare transaction '{name}'".encode())
            application.connection.commit()
            application.connection.autocommit = True
            application.connection.execute(f"commit prepared '{name}'".encode())
            application.connection.autocommit = False
        else:
            application.connection.execute(how.encode())
            application.connection.commit()
        if how != "rollback":
            self.touched |= {str(event_id) for event_id in application.locked}
        application.locked.clear()

    def _write(self, application: _Application) -> None:
        connection = application.connection
        connection.execute("select")
        with self._savepoint(connection):
            add_events(connection, self.session_id, self._events())
            free = self._free()
            changed, deleted = (self.random.sample(free, min(most, len(free))) for most in (2, 1))
            # Locked until the transaction ends, also where the savepoint is rolled back.
            application.locked |= {*changed, *deleted}
            connection.execute(
                "update public.events set message = %s, event_type = %s where id = any(%s)",
                [f"changed {uuid4()}", self.random.choice(TYPES), changed],
            )
            connection.execute("delete from public.events where id = any(%s)", [deleted])

    def _savepoint(self, connection: Connection) -> AbstractContextManager[Any]:
        """What is done in it may be undone."""
        undone = self.random.random() < 0.2
        return connection.transaction(force_rollback=undone) if self.savepoints else nullcontext()

    def _events(self) -> list[Event]:
        """Events of any time, two of them of the same."""
        times = [START + timedelta(seconds=self.random.randrange(1000)) for _ in range(self.random.randint(1, 3))]
        return [
            Event(event_type=self.random.choice(TYPES), timestamp=time, message=f"written {uuid4()}")
            for time in [*times, times[0]]
        ]

    def _free(self) -> list[UUID]:
        """Committed events that no open transaction has locked, in an order that a seed repeats."""
        locked = {event_id for application in self.applications for event_id in application.locked}
        rows = self.observer.execute(
            'select id from public.events where session_id = %s order by "timestamp", id', [self.session_id]
        )
        return [event_id for (event_id,) in rows if event_id not in locked]


@contextmanager
def changing(dsn: str, session_id: UUID, seed: str, *, savepoints: bool = True) -> Iterator[Changer]:
    """Applications at work on a session; what they have not committed is gone afterwards."""
    with ExitStack() as connections:
        observer = connections.enter_context(psycopg.connect(dsn, autocommit=True))
        applications = [_Application(connections.enter_context(psycopg.connect(dsn))) for _ in range(_APPLICATIONS)]
        yield Changer(session_id, random.Random(seed), observer, applications, savepoints)
        for application in applications:
            application.connection.rollback()
