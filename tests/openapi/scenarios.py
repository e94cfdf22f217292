"""The scenarios of scenarios.yaml, whose head describes them."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import yaml

from tests.support.rows import Event, add_events, add_session, add_step

_FILE = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A request, and the answer that the document shows for it."""

    name: str
    request: str
    status: int
    example: str | None = None
    sees: dict[str, str] = field(default_factory=dict)
    session: str = "without-events"
    settings: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


@cache
def scenarios() -> list[Scenario]:
    """All of them, in the order of the file."""
    return [Scenario(**scenario) for scenario in _loaded()["scenarios"]]


def illustrative() -> set[str]:
    """The examples that no server can be made to give."""
    return set(_loaded()["illustrative"])


def insert_fixture(connection: psycopg.Connection[Any], name: str) -> UUID:
    """A fresh session with a step and its events."""
    fixture = _loaded()["fixtures"][name]
    session_id = add_session(connection, status=fixture["status"])
    connection.execute(
        "update public.sessions set completed_at = %s where id = %s", [fixture["completed_at"], session_id]
    )
    step_id = add_step(connection, session_id)
    add_events(connection, session_id, [_event(event, step_id) for event in fixture["events"]])
    return session_id


def masked(body: dict[str, Any]) -> dict[str, Any]:
    """The body without what differs from one run to the next."""
    items = [
        {**item, "id": "", "session_id": "", "step_id": item["step_id"] is not None} for item in body.get("items", ())
    ]
    masks: dict[str, Any] = {"request_id": ""}
    if "items" in body:
        pagination = {**body["pagination"], "next": body["pagination"]["next"] is not None}
        masks = {"items": items, "pagination": pagination, "timestamp": "", "cursor": ""}
    return {name: masks.get(name, value) for name, value in body.items()}


def _event(text: dict[str, Any], step_id: UUID) -> Event:
    padding = {"padding": "x" * text["padding_bytes"]} if "padding_bytes" in text else {}
    return Event(
        event_type=text["event_type"],
        message=text.get("message"),
        event_data={**text.get("event_data", {}), **padding},
        timestamp=text["timestamp"],
        step_id=step_id if text.get("step") else None,
    )


@cache
def _loaded() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(_FILE.read_bytes(), Loader=yaml.CSafeLoader)
    return loaded
