"""Errors never tell what is inside."""

import uuid
from typing import Any
from uuid import UUID

import pytest

from tests.support.client import Client

from .leaks import assert_nothing_leaks

BAD: list[dict[str, Any]] = [
    {"since": "now"},
    {"since": "' or 1=1 --"},
    {"event_type": "'; drop table events; --"},
    {"limit": "9" * 6000 + "x"},
    {"page": "-1"},
    {"cursor": "MSAyIDMgNCA1IDYgNw"},
    {"cursor": "x" * 4000},
    {"cursor": "x", "since": "2026-01-13T14:30:00Z"},
    {"nonsense": "1"},
    {"limit": ["1", "2"]},
]


@pytest.mark.parametrize("parameters", BAD, ids=lambda parameters: str(parameters)[:30])
def test_bad_requests(client: Client, session_id: UUID, parameters: dict[str, Any]) -> None:
    """A 400 should tell the client's fault and nothing of ours, whatever the client put in."""
    response = client.get(session_id, **parameters)
    assert response.status_code == 400
    assert_nothing_leaks(response)


def test_missing(client: Client) -> None:
    """A 404 should not either, be it of a session or of a path."""
    assert_nothing_leaks(client.get(uuid.uuid4()))
    assert_nothing_leaks(client.session.get(f"{client.url}/nowhere", timeout=60))


def test_methods(client: Client, session_id: UUID) -> None:
    """A 405 should not either."""
    assert_nothing_leaks(client.session.delete(client.events_url(session_id), timeout=60))
