"""Sends bytes, and holds what comes back to the contract."""

import json
import re
import socket
from http import client as http
from typing import Any
from urllib.parse import urlsplit

from tests.support.client import PROBLEM_KEYS

# Longer than any answer takes; who waits in vain has found a connection that is neither answered nor closed.
PATIENCE_SECONDS = 30
# What may be missing of a request's head to end it, and another one that is answered if that was ended already.
END = b"\r\n\r\nGET /live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
SUCCESS = {200, 204, 304}
REFUSED = {400: "Invalid|Malformed|Cursor of|too large", 401: "Unauthorized", 404: "ot found", 405: "not allowed"}


def send(url: str, data: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers (in lower case) and body of the first answer to these bytes.

    Raises:
        AssertionError: there is none, or it is not as the contract has it.
    """
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(data)
        try:
            answer = http.HTTPResponse(connection, method="HEAD" if data.startswith(b"HEAD ") else "GET")
            answer.begin()
            body = answer.read()
        except http.BadStatusLine as error:
            raise AssertionError(f"no answer to {data!r}: {error!r}") from error
    headers = {name.lower(): value for name, value in answer.getheaders()}
    assert_answer(answer.status, headers, body, head=data.startswith(b"HEAD "))
    return answer.status, headers, body


def assert_answer(status: int, headers: dict[str, str], body: bytes, *, head: bool) -> None:
    """A success with JSON or a page, or an error in the one shape of errors."""
    assert status in SUCCESS | set(REFUSED), (status, body)
    assert headers["server"] == "session-events"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("default-src 'none'; ")
    if status in REFUSED:
        assert headers["content-type"] == "application/problem+json"
        assert headers["cache-control"] == "no-store"
        if not head:
            assert_problem(status, headers, json.loads(body))
    elif headers.get("content-type") == "application/json" and "content-encoding" not in headers and body:
        json.loads(body)


def assert_problem(status: int, headers: dict[str, str], problem: dict[str, Any]) -> None:
    """Exactly the members of an error, and of the types that they have."""
    members = PROBLEM_KEYS | ({"errors"} if status == 400 else set())
    if problem["type"] == "/docs#problem-response-too-large":
        members |= {"largest_limit"}
    assert set(problem) == members
    assert problem["status"] == status
    assert problem["request_id"] == headers["x-request-id"]
    assert re.search(REFUSED[status], problem["title"])
    assert isinstance(problem["detail"], str)
    assert problem["detail"]
    for error in problem.get("errors", ()):
        assert set(error) == {"parameter", "message"}
        assert error["message"]
        assert isinstance(error["parameter"], str)
    assert "errors" not in problem or problem["errors"]
