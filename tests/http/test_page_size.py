"""MAX_RESPONSE_BYTES: a page that is too large is refused, never shortened."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from stack.whole import Stack
from tests.support.client import Client, assert_problem
from tests.support.rows import Event, add_events, spread

from .parts import own_proxy

Writer = psycopg.Connection[Any]

LARGEST = 20_000


@pytest.fixture(scope="module")
def small(running_stack: Stack) -> Iterator[Client]:
    """A proxy whose answers may hold 20,000 bytes."""
    with own_proxy(running_stack.postgrest_url, {"MAX_RESPONSE_BYTES": str(LARGEST)}) as proxy:
        yield proxy.client


def _large(count: int) -> list[Event]:
    return [Event(event_data={"n": number, "log": "x" * 1500}) for number in range(count)]


def test_fits(small: Client, writer: Writer, session_id: UUID) -> None:
    """A page below the limit should pass whole."""
    add_events(writer, session_id, _large(10))
    assert len(small.ids(session_id)) == 10


def test_too_large(small: Client, writer: Writer, session_id: UUID) -> None:
    """EC: very large payload: a page above it should say how large it is and which limit would fit, and that must."""
    add_events(writer, session_id, _large(20))
    body = assert_problem(small.get(session_id), 400, "limit")
    assert body["type"] == "/docs#problem-response-too-large"
    found = re.search(r"is (\d+) bytes.*limit=(\d+) fits", body["detail"])
    assert found, body["detail"]
    size, limit = map(int, found.groups())
    assert (size > LARGEST, body["largest_limit"]) == (True, limit)
    walked = [item for page in range(1, -(-20 // limit) + 1) for item in small.ids(session_id, limit=limit, page=page)]
    assert len(set(walked)) == 20
    assert_problem(small.get(session_id, limit=limit + 1), 400, "limit")


def test_one_event_too_large(small: Client, writer: Writer, session_id: UUID) -> None:
    """EC: very large payload: where one event alone is larger, no limit should be promised."""
    add_events(writer, session_id, [Event(event_data={"log": "x" * 2 * LARGEST}), *spread(1)])
    body = assert_problem(small.get(session_id), 400, "limit")
    assert "limit=" not in body["detail"]
    assert body["largest_limit"] is None
    assert small.ids(session_id, event_type="warning") == []
