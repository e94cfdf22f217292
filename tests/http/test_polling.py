"""User story 2: what is new since a time."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.support.client import Client
from tests.support.rows import START, Event, add_events, spread

Writer = psycopg.Connection[Any]


def test_only_newer_events(client: Client, writer: Writer, session_id: UUID) -> None:
    """US2.1, FR-003: since T should bring exactly the events after T."""
    events = spread(6)
    add_events(writer, session_id, events)
    page = client.page(session_id, since=(START + timedelta(seconds=2)).isoformat())
    assert [item["id"] for item in page["items"]] == [str(event.id) for event in reversed(events[3:])]
    assert page["pagination"]["total"] == 3


def test_nothing_new(client: Client, writer: Writer, session_id: UUID) -> None:
    """US2.2: since the newest event's own time there should be nothing, because "since" is strictly after."""
    add_events(writer, session_id, spread(3))
    newest = client.page(session_id)["items"][0]["timestamp"]
    page = client.page(session_id, since=newest)
    assert page["items"] == []
    assert page["pagination"]["total"] == 0


@pytest.mark.parametrize(
    ("since", "found"), [("14:30:00.999999", True), ("14:30:01.000000", False), ("14:30:01.000001", False)]
)
def test_strictly_after(client: Client, writer: Writer, session_id: UUID, since: str, found: bool) -> None:
    """US2.1: a microsecond before an event should bring it, its own time should not."""
    add_events(writer, session_id, [Event(timestamp="2026-01-13T14:30:01Z")])
    assert bool(client.ids(session_id, since=f"2026-01-13T{since}Z")) is found


def test_fraction_finer_than_a_microsecond(client: Client, writer: Writer, session_id: UUID) -> None:
    """A finer fraction should be truncated and not rounded up, so that no event is skipped."""
    add_events(writer, session_id, [Event(timestamp="2026-01-13T14:30:00.123457Z")])
    assert client.ids(session_id, since="2026-01-13T14:30:00.1234569Z")
    assert client.ids(session_id, since="2026-01-13T14:30:00.123456999999999999Z")
    assert not client.ids(session_id, since="2026-01-13T14:30:00.1234570Z")


def test_future(client: Client, writer: Writer, session_id: UUID) -> None:
    """EC: future "since": it should be an empty success whose timestamp is not in the future."""
    add_events(writer, session_id, spread(3))
    page = client.page(session_id, since="2999-12-31T23:59:59Z")
    assert (page["items"], page["pagination"]["total"]) == ([], 0)
    row = writer.execute("select %s::timestamptz <= clock_timestamp()", [page["timestamp"]]).fetchone()
    assert row == (True,)


def test_future_events(client: Client, writer: Writer, session_id: UUID) -> None:
    """EC: future "since": an event that an application's fast clock dated even later should still come."""
    event = Event(timestamp="3000-01-01T00:00:00Z")
    add_events(writer, session_id, [event])
    assert client.ids(session_id, since="2999-12-31T23:59:59Z") == [str(event.id)]


def test_running_session(client: Client, writer: Writer, session_id: UUID) -> None:
    """EC: session that generates events: polls should bring each event, first with the poll after its commit."""
    page = client.page(session_id)
    for number in range(5):
        event = Event(timestamp=_clock(writer), event_data={"n": number})
        add_events(writer, session_id, [event])
        page = client.page(session_id, since=page["timestamp"])
        assert [item["id"] for item in page["items"]] == [str(event.id)]


def test_since_with_event_type(client: Client, writer: Writer, session_id: UUID) -> None:
    """SC-002: both filters should hold at once."""
    events = [
        Event(event_type=kind, timestamp=START + timedelta(seconds=second))
        for second in range(4)
        for kind in ("info", "error")
    ]
    add_events(writer, session_id, events)
    since = (START + timedelta(seconds=1)).isoformat()
    page = client.page(session_id, since=since, event_type="error")
    assert [item["id"] for item in page["items"]] == [str(events[7].id), str(events[5].id)]
    assert page["pagination"]["total"] == 2


def _clock(connection: Writer) -> str:
    row = connection.execute("select clock_timestamp()").fetchone()
    assert row is not None
    text: str = row[0].isoformat()
    return text
