"""A client of the API, as the product's pages are one."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import requests

from tests.support.openapi import check

PROBLEM_KEYS = {"type", "title", "status", "detail", "request_id"}


def checked_session() -> requests.Session:
    """A session that holds every answer to proxy/openapi.yaml."""
    session = requests.Session()
    session.hooks["response"].append(check)
    return session


@dataclass(frozen=True)
class Client:
    """Asks the proxy at `url`; an answer that is not documented fails the test."""

    url: str
    session: requests.Session = field(default_factory=checked_session)

    def events_url(self, session_id: UUID | str) -> str:
        """The events of a session."""
        return f"{self.url}/api/v2/sessions/{session_id}/events"

    def get(
        self, session_id: UUID | str, *, method: str = "GET", headers: dict[str, str] | None = None, **parameters: Any
    ) -> requests.Response:
        """One poll, whatever comes of it."""
        return self.session.request(method, self.events_url(session_id), params=parameters, headers=headers, timeout=60)

    def page(self, session_id: UUID | str, **parameters: Any) -> dict[str, Any]:
        """The body of a poll that must succeed."""
        response = self.get(session_id, **parameters)
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.json()
        return body

    def ids(self, session_id: UUID | str, **parameters: Any) -> list[str]:
        """The ids of the items of a poll that must succeed, as they came."""
        return [item["id"] for item in self.page(session_id, **parameters)["items"]]


def assert_problem(response: requests.Response, status: int, *parameters: str) -> dict[str, Any]:
    """The one shape of errors; for a 400 also which parameters are named."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["request_id"] == response.headers["X-Request-ID"]
    assert body["detail"]
    if status == 400:
        too_large = body["type"] == "/docs#problem-response-too-large"
        assert set(body) == PROBLEM_KEYS | {"errors"} | ({"largest_limit"} if too_large else set())
        assert [error["parameter"] for error in body["errors"]] == list(parameters)
        assert all(set(error) == {"parameter", "message"} and error["message"] for error in body["errors"])
    else:
        assert set(body) == PROBLEM_KEYS
    return body
