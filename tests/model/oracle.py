"""What the contract says that a poll returns, worked out over a list."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from tests.model.moments import iso

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 1000


@dataclass(frozen=True, kw_only=True)
class Written:
    """An event that was committed; `moment` in microseconds since 1970, `event_data` is JSON text."""

    id: UUID
    session_id: UUID
    step_id: UUID | None
    event_type: str
    moment: int
    message: str | None
    event_data: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """The filters and the page of a poll; None where a parameter is not sent."""

    since: int | None = None
    event_type: str | None = None
    limit: int | None = None
    page: int | None = None


@dataclass(frozen=True)
class Page:
    """What comes back; the same of the oracle, of HTTP and of a call of the function."""

    items: list[dict[str, Any]]
    pagination: dict[str, Any]


def expected(events: list[Written], question: Question) -> Page:
    """The answer to a question about these events of one session."""
    matching = [event for event in events if _matches(event, question)]
    matching.sort(key=lambda event: (event.moment, event.id), reverse=True)
    per_page = min(question.limit or DEFAULT_LIMIT, LARGEST_LIMIT)
    page = question.page or 1
    items = matching[(page - 1) * per_page :][:per_page]
    return Page([_item(event) for event in items], pagination(page, per_page, len(matching), len(items)))


def pagination(page: int, per_page: int, total: int, returned: int) -> dict[str, Any]:
    """The pagination block."""
    total_pages = (total + per_page - 1) // per_page
    return {
        "page": page,
        "per_page": per_page,
        "total": total,
        "total_pages": total_pages,
        "has_next": page < total_pages,
        "has_prev": page > 1,
        "returned": returned,
    }


def exact(text: str) -> Any:
    """JSON with every number as the Decimal that it is."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def _matches(event: Written, question: Question) -> bool:
    return (question.since is None or event.moment > question.since) and question.event_type in {None, event.event_type}


def _item(event: Written) -> dict[str, Any]:
    return {
        "id": str(event.id),
        "session_id": str(event.session_id),
        "step_id": None if event.step_id is None else str(event.step_id),
        "event_type": event.event_type,
        "timestamp": iso(event.moment),
        "message": event.message,
        "event_data": exact(event.event_data),
    }
