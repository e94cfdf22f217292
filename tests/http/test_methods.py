"""Methods other than GET, and paths other than the endpoint's."""

import uuid
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.support.client import Client, assert_problem
from tests.support.rows import add_events, spread

from . import wire

Writer = psycopg.Connection[Any]

# These differ between any two answers.
OF_THE_MOMENT = {"Date", "Server-Timing", "X-Request-ID"}


def test_head(client: Client, writer: Writer, session_id: UUID) -> None:
    """HEAD should give GET's status and headers, the length of the body too, but no body."""
    add_events(writer, session_id, spread(30))
    # Compressed, two answers of different moments would differ in length.
    headers = {"Accept-Encoding": "identity"}
    get, head = (client.get(session_id, method=method, headers=headers, limit=20) for method in ("GET", "HEAD"))
    assert (head.status_code, head.content) == (200, b"")
    assert {name: value for name, value in head.headers.items() if name not in OF_THE_MOMENT} == {
        name: value for name, value in get.headers.items() if name not in OF_THE_MOMENT
    }
    assert set(head.headers) == set(get.headers)


@pytest.mark.parametrize(("session", "status"), [(str(uuid.uuid4()), 404), ("nonsense", 400)], ids=["missing", "bad"])
def test_head_of_errors(client: Client, session: str, status: int) -> None:
    """HEAD should give GET's errors, without a body."""
    get, head = (client.get(session, method=method) for method in ("GET", "HEAD"))
    assert (head.status_code, head.content) == (status, b"")
    assert head.headers["Content-Type"] == get.headers["Content-Type"] == "application/problem+json"


def test_options(client: Client, session_id: UUID) -> None:
    """OPTIONS should say which methods there are."""
    response = client.get(session_id, method="OPTIONS")
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_not_allowed(client: Client, writer: Writer, session_id: UUID, method: str) -> None:
    """Any other method should be a 405 that says which there are, and change nothing."""
    add_events(writer, session_id, spread(2))
    response = client.session.request(method, client.events_url(session_id), json={"event_type": "info"}, timeout=60)
    assert_problem(response, 405)
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert client.page(session_id)["pagination"]["total"] == 2


ABOVE = ["/api", "/api/v2/sessions", "/api/v2/sessions/{id}", "/events", "/rpc/session_events", "/favicon.ico"]
BELOW = ["/api/v2/sessions/{id}/events/", "/api/v2/sessions/{id}/events/1", "/api/v2/sessions/{id}%2Fevents"]
NEAR = ["/api/v1/sessions/{id}/events", "/api/v2/Sessions/{id}/events", "/api/v2/sessions/{id}/event"]
SLASHES = ["//api/v2/sessions/{id}/events", "/api/v2/sessions//events"]
TRAVERSALS = ["/docs/../settings.py", "/docs/%2e%2e/settings.py", "/docs/..%2fsettings.py", "/docs//etc/passwd"]


@pytest.mark.parametrize("path", [*ABOVE, *BELOW, *NEAR, *SLASHES, *TRAVERSALS])
def test_unknown_path(client: Client, session_id: UUID, path: str) -> None:
    """Any other path should be a 404 of its own kind, not the one of a missing session."""
    response = wire.get(client.url, path.format(id=session_id).encode())
    assert assert_problem(response, 404)["type"] == "/docs#problem-not-found"
