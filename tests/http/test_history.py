"""User story 1: a session's complete history."""

import uuid
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from tests.support.client import Client, assert_problem
from tests.support.rows import START, Event, add_events, add_session, add_step, spread

Writer = psycopg.Connection[Any]


def test_all_events(client: Client, writer: Writer, session_id: UUID) -> None:
    """US1.1, FR-001, FR-008: every event should come with its timestamp, type, message and data."""
    step_id = add_step(writer, session_id)
    events = [
        Event(event_type="step_started", timestamp=START, message="Analysing", step_id=step_id),
        Event(event_type="error", timestamp=START + timedelta(seconds=1), event_data={"file": "a.py", "line": 3}),
        Event(event_type="info", timestamp=START + timedelta(seconds=2), message=None),
    ]
    add_events(writer, session_id, events)
    assert client.page(session_id)["items"] == [
        {
            "id": str(event.id),
            "session_id": str(session_id),
            "step_id": str(event.step_id) if event.step_id else None,
            "event_type": event.event_type,
            "timestamp": datetime.fromisoformat(str(event.timestamp)).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "message": event.message,
            "event_data": event.event_data,
        }
        for event in reversed(events)
    ]


def test_newest_first(client: Client, writer: Writer, session_id: UUID) -> None:
    """FR-006: events should come newest first, whatever order they were written in."""
    events = spread(5)
    add_events(writer, session_id, [events[number] for number in (3, 0, 4, 1, 2)])
    assert client.ids(session_id) == [str(event.id) for event in reversed(events)]


def test_no_events(client: Client, session_id: UUID) -> None:
    """US1.2: a session without events should give an empty list with its metadata."""
    page = client.page(session_id)
    assert page["items"] == []
    assert page["pagination"] == {
        "page": 1,
        "per_page": 100,
        "total": 0,
        "total_pages": 0,
        "has_next": False,
        "has_prev": False,
        "returned": 0,
        "next": None,
    }
    assert page["timestamp"]
    assert page["cursor"]


def test_no_session(client: Client) -> None:
    """US1.3, FR-002: a session that does not exist should be a 404 that names it."""
    missing = uuid.uuid4()
    body = assert_problem(client.get(missing), 404)
    assert body["detail"] == f"Session not found: {missing}"
    assert body["type"] == "/docs#problem-session-not-found"


def test_no_session_whatever_the_filters(client: Client) -> None:
    """FR-002: the session should be looked for first, so that filters cannot make a missing one look empty."""
    since = "2999-01-01T00:00:00Z"
    assert_problem(client.get(uuid.uuid4(), since=since, event_type="error", limit=1, page=9), 404)


def test_deleted_session(client: Client, writer: Writer, session_id: UUID) -> None:
    """US1.3: a session that was deleted between two polls should be a 404 to the second."""
    cursor = client.page(session_id)["cursor"]
    writer.execute("delete from public.sessions where id = %s", [session_id])
    assert_problem(client.get(session_id, cursor=cursor), 404)


def test_other_sessions_stay_out(client: Client, writer: Writer, session_id: UUID) -> None:
    """SC-002: no event of another session should come, even at the same time and of the same type."""
    add_events(writer, add_session(writer), spread(3))
    own = spread(2)
    add_events(writer, session_id, own)
    page = client.page(session_id, event_type="info")
    assert {item["id"] for item in page["items"]} == {str(event.id) for event in own}
    assert page["pagination"]["total"] == 2
