"""What happens in a session while a program follows it, and what the program must print of it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg

from tests.examples.program import lines
from tests.support.rows import Event, add_events, spread


def assert_each_event_once(
    process: subprocess.Popen[str], session_id: UUID, writer: psycopg.Connection[Any], database_url: str
) -> None:
    """History, a burst of several pages, and what two writers commit out of order are printed once each, as they come.

    The program prints an event a line, with its message, and the session is still active at the end.
    """
    for event_type, count in (("history", 3), ("burst", 2500)):
        with _begun(writer):
            events = spread(count, event_type=event_type, start=datetime.now(UTC), seconds=1e-6)
            add_events(writer, session_id, events)
        _assert_next(process, [str(event.message) for event in events])
    with psycopg.connect(database_url) as late, _begun(late):
        add_events(late, session_id, [_now("begun first")])
        # The second of these comes with the next poll, and while the other writer is in flight the first may again.
        for message in ("committed first", "committed second"):
            with _begun(writer):
                add_events(writer, session_id, [_now(message)])
            _assert_next(process, [message])
    _assert_next(process, ["begun first"])


@contextmanager
def _begun(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """A transaction that writes: who reads the clock before is not safe from those who follow by time."""
    with connection.transaction():
        connection.execute("select pg_current_xact_id()")
        yield


def _now(message: str) -> Event:
    return Event(message=message, timestamp=datetime.now(UTC))


def _assert_next(process: subprocess.Popen[str], messages: list[str]) -> None:
    printed = lines(process, len(messages))
    assert [line for line, message in zip(printed, messages, strict=True) if message not in line] == []
