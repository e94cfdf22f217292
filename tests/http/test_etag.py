"""ETag and If-None-Match: a poll that brings nothing new costs no body."""

import re
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.support.client import Client
from tests.support.rows import Event, add_events, spread

from . import wire

Writer = psycopg.Connection[Any]


@pytest.fixture
def filled(writer: Writer, session_id: UUID) -> UUID:
    """A session with a few events."""
    add_events(writer, session_id, spread(3))
    return session_id


def test_weak(client: Client, filled: UUID) -> None:
    """The ETag should be a weak one: timestamp and cursor differ where it does not."""
    assert re.fullmatch(r'W/"[!#-~]+"', client.get(filled).headers["ETag"])


def test_same_while_nothing_changes(client: Client, filled: UUID) -> None:
    """It should stay while items and pagination do, though timestamp moves on."""
    first, second = client.get(filled), client.get(filled)
    assert first.headers["ETag"] == second.headers["ETag"]
    assert first.json()["timestamp"] != second.json()["timestamp"]


def test_changes_with_an_event(client: Client, writer: Writer, filled: UUID) -> None:
    """It should change when an event arrives, and the poll then bring it."""
    etag = client.get(filled).headers["ETag"]
    event = Event(timestamp="2027-01-01T00:00:00Z")
    add_events(writer, filled, [event])
    response = client.get(filled, headers={"If-None-Match": etag})
    assert response.status_code == 200
    assert response.headers["ETag"] != etag
    assert response.json()["items"][0]["id"] == str(event.id)


def test_changes_with_the_total(client: Client, writer: Writer, filled: UUID) -> None:
    """It should change when only the total does, because the event is on another page."""
    etag = client.get(filled, limit=2).headers["ETag"]
    add_events(writer, filled, [Event(timestamp="2000-01-01T00:00:00Z")])
    assert client.get(filled, limit=2).headers["ETag"] != etag


def test_differs_between_questions(client: Client, filled: UUID) -> None:
    """Different pages and limits should have different ones."""
    questions: list[dict[str, Any]] = [{}, {"limit": 1}, {"limit": 1, "page": 2}, {"limit": 3}, {"page": 2}]
    assert len({client.get(filled, **question).headers["ETag"] for question in questions}) == len(questions)


@pytest.mark.parametrize(
    "form",
    [
        "{weak}",
        "{strong}",
        "*",
        '"other", {weak}',
        '{weak}, "other"',
        'W/"a",W/"b",{weak}',
        '"other" , {strong} , "x"',
        " {weak} ",
    ],
)
def test_match(client: Client, filled: UUID, form: str) -> None:
    """A match, alone or in a list, weak or strong, should be a 304 without a body, with the headers of a poll."""
    fresh = client.get(filled)
    weak = fresh.headers["ETag"]
    header = form.format(weak=weak, strong=weak.removeprefix("W/"))
    response = wire.get(client.url, _path(filled), b"If-None-Match:" + header.encode())
    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["ETag"] == weak
    for name in ("Cache-Control", "Vary", "X-Poll-Interval"):
        assert response.headers[name] == fresh.headers[name]
    assert "Content-Type" not in response.headers


def test_match_in_two_header_lines(client: Client, filled: UUID) -> None:
    """A list sent as two header lines should be one list (RFC 9110, 5.3)."""
    etag = client.get(filled).headers["ETag"].encode()
    response = wire.get(client.url, _path(filled), b'If-None-Match: "other"', b"If-None-Match: " + etag)
    assert response.status_code == 304


@pytest.mark.parametrize("header", ["", '""', '"other"', 'W/"other"', "other", '"*"', ",", "W/", "\xff"], ids=ascii)
def test_no_match(client: Client, filled: UUID, header: str) -> None:
    """No match and no sense should be a 200."""
    response = wire.get(client.url, _path(filled), b"If-None-Match: " + header.encode("latin-1"))
    assert response.status_code == 200
    assert response.content


def test_head(client: Client, filled: UUID) -> None:
    """HEAD should know If-None-Match too."""
    etag = client.get(filled, method="HEAD").headers["ETag"]
    assert client.get(filled, method="HEAD", headers={"If-None-Match": etag}).status_code == 304


def test_error_before_match(client: Client, filled: UUID) -> None:
    """A wrong request should stay a 400, whatever the client has."""
    assert client.get(filled, headers={"If-None-Match": "*"}, limit=0).status_code == 400


def _path(session_id: UUID) -> bytes:
    return f"/api/v2/sessions/{session_id}/events".encode()
