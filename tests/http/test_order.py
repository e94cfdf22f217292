"""The order of events, and that pages cut it without gaps."""

import uuid
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.support.client import Client
from tests.support.rows import Event, add_events, newest_first

Writer = psycopg.Connection[Any]


def test_identical_timestamps(client: Client, writer: Writer, session_id: UUID) -> None:
    """EC: identical timestamps: the greater id should come first, in every answer again."""
    events = [Event() for _ in range(20)]
    add_events(writer, session_id, events)
    expected = newest_first(events)
    assert client.ids(session_id) == expected
    assert client.ids(session_id) == expected


@pytest.mark.parametrize("filters", [{}, {"event_type": "info"}], ids=["all", "one type"])
def test_pages_of_ties(client: Client, writer: Writer, session_id: UUID, filters: dict[str, str]) -> None:
    """EC: identical timestamps: pages cut in the middle of ties should neither repeat nor skip an event."""
    events = [Event() for _ in range(10)]
    add_events(writer, session_id, events)
    walked = [id_ for page in range(1, 5) for id_ in client.ids(session_id, limit=3, page=page, **filters)]
    assert walked == newest_first(events)


def test_ties_by_cursor(client: Client, writer: Writer, session_id: UUID) -> None:
    """EC: identical timestamps: what a cursor brings should stand in the same order."""
    cursor = client.page(session_id)["cursor"]
    # Of different types and transactions, so that no index happens to have them in the right order.
    events = [Event(event_type=f"type_{number}") for number in range(10)]
    for event in events:
        add_events(writer, session_id, [event])
    assert client.ids(session_id, cursor=cursor) == newest_first(events)


def test_ids_order_as_uuids(client: Client, writer: Writer, session_id: UUID) -> None:
    """EC: identical timestamps: ids should be compared as UUIDs, up to the largest and down to the smallest."""
    ids = [
        "00000000-0000-0000-0000-000000000000",
        "7fffffff-ffff-ffff-ffff-ffffffffffff",
        "80000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
    ]
    events = [Event(id=uuid.UUID(text)) for text in ids]
    writer.execute("delete from public.events where id = any(%s)", [ids])
    add_events(writer, session_id, events)
    assert client.ids(session_id) == ids[::-1]


def test_microseconds_decide(client: Client, writer: Writer, session_id: UUID) -> None:
    """FR-006: a microsecond should be enough to order two events."""
    earlier, later = Event(timestamp="2026-01-13T14:30:00.000001Z"), Event(timestamp="2026-01-13T14:30:00.000002Z")
    add_events(writer, session_id, [later, earlier])
    assert client.ids(session_id) == [str(later.id), str(earlier.id)]
