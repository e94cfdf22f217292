"""FR-007, FR-008, FR-011: the shape of a successful answer."""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import psycopg
import pytest
import requests

from tests.support.client import Client
from tests.support.rows import Event, add_events, add_step, spread
from tests.support.waiting import wait_until

from .parts import locked, waiting

Writer = psycopg.Connection[Any]

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def assert_page(response: requests.Response) -> dict[str, Any]:
    """The one shape of answers: exactly these keys, in this order, with these types."""
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == "application/json"
    body: dict[str, Any] = response.json()
    assert list(body) == ["items", "pagination", "session", "timestamp", "cursor"]
    numbers = {"page": int, "per_page": int, "total": int, "total_pages": int}
    kinds = {**numbers, "has_next": bool, "has_prev": bool, "returned": int, "next": type(None)}
    assert {name: type(value) for name, value in body["pagination"].items()} == kinds
    assert list(body["pagination"]) == list(kinds)
    session = ["status", "ended", "session_type", "project_path", "created_at", "completed_at"]
    assert list(body["session"]) == session
    assert TIMESTAMP.fullmatch(body["session"]["created_at"])
    for item in body["items"]:
        assert list(item) == ["id", "session_id", "step_id", "event_type", "timestamp", "message", "event_data"]
        assert TIMESTAMP.fullmatch(item["timestamp"])
    assert TIMESTAMP.fullmatch(body["timestamp"])
    assert re.fullmatch(r"[A-Za-z0-9_-]+", body["cursor"])
    return body


def test_empty(client: Client, session_id: UUID) -> None:
    """US1.2: an empty answer should have the whole shape."""
    assert assert_page(client.get(session_id))["items"] == []


def test_full(client: Client, writer: Writer, session_id: UUID) -> None:
    """FR-008: an answer with every kind of null should have the whole shape."""
    step_id = add_step(writer, session_id)
    add_events(writer, session_id, [Event(step_id=step_id), Event(message=None), Event(message="")])
    items = assert_page(client.get(session_id))["items"]
    assert {item["message"] for item in items} == {None, "", "something happened"}
    assert {item["step_id"] for item in items} == {None, str(step_id)}


def test_past_the_end(client: Client, writer: Writer, session_id: UUID) -> None:
    """FR-007: so should a page past the end."""
    add_events(writer, session_id, spread(3))
    assert assert_page(client.get(session_id, page=7))["items"] == []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (datetime(2026, 1, 13, 14, 30, tzinfo=UTC), "2026-01-13T14:30:00.000000Z"),
        (datetime(2026, 1, 13, 14, 30, 0, 1, tzinfo=UTC), "2026-01-13T14:30:00.000001Z"),
        (datetime(2026, 1, 13, 14, 30, 0, 999999, tzinfo=UTC), "2026-01-13T14:30:00.999999Z"),
        (datetime(2026, 7, 1, 1, 0, tzinfo=timezone(timedelta(hours=2))), "2026-06-30T23:00:00.000000Z"),
        (datetime(2026, 7, 1, 1, 0, tzinfo=timezone(timedelta(hours=-5, minutes=-45))), "2026-07-01T06:45:00.000000Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000000Z"),
        (datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), "9999-12-31T23:59:59.999999Z"),
    ],
    ids=str,
)
def test_timestamps(client: Client, writer: Writer, session_id: UUID, written: datetime, read: str) -> None:
    """FR-008: every timestamp should be UTC with six digits and Z, whatever zone it was written in."""
    add_events(writer, session_id, [Event(timestamp=written)])
    assert assert_page(client.get(session_id))["items"][0]["timestamp"] == read


@pytest.mark.parametrize(
    "message",
    [
        "a\nb\r\n\tc",
        'say "hi"',
        "back\\slash",
        "/slash",
        "\x01\x1f\x7f",
        "\u2028\u2029",
        "é ñ 漢字",
        "😀👩‍👩‍👧‍👧",
        "x" * 100_000,
        "<b>&amp;",
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_messages(client: Client, writer: Writer, session_id: UUID, message: str) -> None:
    """FR-008: a message should arrive as it was written."""
    add_events(writer, session_id, [Event(message=message)])
    assert assert_page(client.get(session_id))["items"][0]["message"] == message


def test_is_plain_json(client: Client, writer: Writer, session_id: UUID) -> None:
    """FR-011: the body should be UTF-8 JSON of the stated length, without anything before or after."""
    add_events(writer, session_id, [Event(message="é")])
    response = client.get(session_id)
    assert "é".encode() in response.content
    assert json.loads(response.content.decode("utf-8")) == response.json()


def test_time_in_the_database(client: Client, database_url: str, session_id: UUID) -> None:
    """Server-Timing should tell the database's own share: the wait for a lock, which is neither queue nor proxy."""

    def asked() -> tuple[float, ...]:
        return tuple(map(float, re.findall(r"dur=([\d.]+)", client.get(session_id).headers["Server-Timing"])))

    with ThreadPoolExecutor(1) as pool:
        with locked(database_url) as connection:
            answer = pool.submit(asked)
            wait_until(lambda: waiting(connection) == 1)
            began = time.monotonic()
            wait_until(lambda: time.monotonic() - began > 0.5)
        queue, database, total = answer.result()
    assert 500 <= database <= total - queue
    queue, database, total = asked()
    assert 0 < database <= total - queue
    assert database < 500


def test_headers(client: Client, session_id: UUID) -> None:
    """The headers that clients build on should be there, and none that tells what is behind."""
    headers = client.get(session_id).headers
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert re.fullmatch(r"queue;dur=\d+\.\d+, db;dur=\d+\.\d+, total;dur=\d+\.\d+", headers["Server-Timing"])
    assert not {"Content-Range", "Total-Count", "Session-Status", "Events-Cursor", "Content-Location"} & set(headers)
    assert not re.search(r"postgrest|aiohttp|python", str(headers), re.IGNORECASE)
