"""What an answer says: a page of events, or why there is none."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from session_events_client.errors import EventsError
from session_events_client.event import Event, Session
from session_events_client.json_text import elements, members

_DAY = 86_400.0
_FIELDS = ("id", "session_id", "step_id", "event_type", "timestamp", "message")
_SESSION = ("status", "ended", "session_type", "project_path", "created_at", "completed_at")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a walk; `items` are newest first."""

    items: list[Event]
    total: int
    next: str | None
    session: Session
    cursor: str
    # Seconds.
    poll_interval: float


def read_page(status: int, headers: Mapping[str, str], body: bytes) -> Page:
    """The page in an answer.

    Raises:
        EventsError: there is none in it.
    """
    if status != 200:
        raise _problem(status, headers, body)
    try:
        return _page(body.decode(), _seconds(headers.get("X-Poll-Interval", "2")))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise EventsError("unreadable", "The answer is not one of the events API.") from None


def _page(text: str, poll_interval: float) -> Page:
    places = {name: (start, end) for name, start, end in members(text)}
    items = [_event(text, start) for start in elements(text, places["items"][0])]
    rest = {name: json.loads(text[start:end]) for name, (start, end) in places.items() if name != "items"}
    session = Session(**{name: rest["session"][name] for name in _SESSION})
    pagination = rest["pagination"]
    return Page(items, pagination["total"], pagination["next"], session, rest["cursor"], poll_interval)


def _event(text: str, start: int) -> Event:
    values = {name: text[begin:end] for name, begin, end in members(text, start)}
    return Event(**{name: json.loads(values[name]) for name in _FIELDS}, event_data_text=values["event_data"])


def _problem(status: int, headers: Mapping[str, str], body: bytes) -> EventsError:
    try:
        problem: dict[str, Any] = {**json.loads(body)}
    except (ValueError, TypeError, RecursionError):  # not from the API but from something before it
        problem = {}
    return EventsError(
        str(problem.get("type", "")).partition("#problem-")[2] or "unreadable",
        str(problem.get("detail") or problem.get("title") or f"The server answered with status {status}."),
        status=status,
        retry_after=_retry_after(headers.get("Retry-After", "")),
        errors=problem.get("errors", ()),
        largest_limit=problem.get("largest_limit"),
    )


def _seconds(digits: str) -> float:
    """As many as are written, but nobody sleeps for more than a day."""
    return min(float(digits), _DAY)


def _retry_after(value: str) -> float:
    """Retry-After in seconds, 0 without one; it may be a date."""
    try:
        if value.isdecimal():
            return _seconds(value)
        return min(_DAY, max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()))
    except (ValueError, TypeError):  # no date, or one without a zone
        return 0.0
