"""Rows of the parent product's tables, written as its application writes them."""

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

START = datetime(2026, 1, 13, 14, 30, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Event:
    """An event to be written; `event_data` is JSON text where its very digits matter."""

    event_type: str = "info"
    timestamp: datetime | str = START
    message: str | None = "something happened"
    event_data: dict[str, Any] | str = field(default_factory=dict)
    step_id: UUID | None = None
    id: UUID = field(default_factory=uuid.uuid4)


def spread(count: int, *, event_type: str = "info", start: datetime = START, seconds: float = 1.0) -> list[Event]:
    """Events at equal distances, oldest first."""
    return [
        Event(
            event_type=event_type,
            timestamp=start + timedelta(seconds=seconds * number),
            message=f"{event_type} {number}",
            event_data={"n": number},
        )
        for number in range(count)
    ]


def add_session(
    connection: psycopg.Connection[Any],
    *,
    status: str = "in_progress",
    id: UUID | None = None,  # noqa: A002
) -> UUID:
    """A session; it is there for others once the connection commits."""
    session_id = id or uuid.uuid4()
    connection.execute(
        "insert into public.sessions (id, session_type, status, mode, project_path, config, created_at, updated_at)"
        " values (%s, 'unit_tests', %s, 'autonomous', '/srv/shop', '{}', %s, %s)",
        [session_id, status, START, START],
    )
    return session_id


def add_step(connection: psycopg.Connection[Any], session_id: UUID) -> UUID:
    """A step of a session."""
    step_id = uuid.uuid4()
    connection.execute(
        "insert into public.steps (id, session_id, code, name, status, sequence, inputs, retry_count, created_at)"
        " values (%s, %s, 'analyse', 'Analyse the project', 'in_progress', 1, '{}', 0, %s)",
        [step_id, session_id, START],
    )
    return step_id


def add_events(connection: psycopg.Connection[Any], session_id: UUID, events: Iterable[Event]) -> None:
    """Events of a session, in the order given."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into public.events (id, session_id, step_id, event_type, event_data, message, timestamp)"
            " values (%s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    event.id,
                    session_id,
                    event.step_id,
                    event.event_type,
                    event.event_data if isinstance(event.event_data, str) else json.dumps(event.event_data),
                    event.message,
                    event.timestamp,
                )
                for event in events
            ],
        )


def newest_first(events: Iterable[Event]) -> list[str]:
    """The ids in the order of the contract: timestamp descending, then id descending."""
    return [str(event.id) for event in sorted(events, key=lambda e: (e.timestamp, e.id), reverse=True)]
