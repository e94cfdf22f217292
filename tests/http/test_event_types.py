"""User story 3: events of one type."""

from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.support.client import Client
from tests.support.rows import Event, add_events, newest_first, spread

Writer = psycopg.Connection[Any]


def _mixed(writer: Writer, session_id: UUID) -> dict[str, list[Event]]:
    """Three types of events, each a few times at the same moments; by type."""
    events = {kind: spread(count, event_type=kind) for kind, count in {"info": 4, "warning": 3, "error": 2}.items()}
    add_events(writer, session_id, [event for kind in events.values() for event in kind])
    return events


def test_one_type(client: Client, writer: Writer, session_id: UUID) -> None:
    """US3.1, FR-004: only events of the type asked for should come, and only they be counted."""
    errors = _mixed(writer, session_id)["error"]
    page = client.page(session_id, event_type="error")
    assert [item["id"] for item in page["items"]] == newest_first(errors)
    assert {item["event_type"] for item in page["items"]} == {"error"}
    assert page["pagination"]["total"] == 2


def test_no_event_of_the_type(client: Client, writer: Writer, session_id: UUID) -> None:
    """US3.2: a type that no event has should give an empty list, not an error."""
    _mixed(writer, session_id)
    page = client.page(session_id, event_type="workflow_failed")
    assert (page["items"], page["pagination"]["total"], page["pagination"]["total_pages"]) == ([], 0, 0)


def test_all_types(client: Client, writer: Writer, session_id: UUID) -> None:
    """US3.3: without a filter all types should come."""
    events = [event for kind in _mixed(writer, session_id).values() for event in kind]
    assert client.ids(session_id) == newest_first(events)


@pytest.mark.parametrize("event_type", ["a", "a" * 100, "a_", "a1", "step_status_changed", "is", "not", "null", "in"])
def test_exact(client: Client, writer: Writer, session_id: UUID, event_type: str) -> None:
    """FR-004: a type should match as a whole, whether a letter, 100 of them or a word of SQL."""
    event = Event(event_type=event_type)
    near = [Event(event_type=text[:100]) for text in (f"x{event_type}", f"{event_type[:99]}x", event_type.upper())]
    add_events(writer, session_id, [event, *near])
    assert client.ids(session_id, event_type=event_type) == [str(event.id)]


def test_underscore_is_no_wildcard(client: Client, writer: Writer, session_id: UUID) -> None:
    """FR-004: the underscore should not match any character, as it does in LIKE."""
    add_events(writer, session_id, [Event(event_type="stepxstarted")])
    assert client.ids(session_id, event_type="step_started") == []
