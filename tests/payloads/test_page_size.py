"""MAX_RESPONSE_BYTES on payloads of every kind: what a refusal says is true, and a page is whole or not there."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
import requests

from stack.proxy import proxy
from stack.whole import Stack
from tests.support.client import Client, assert_problem
from tests.support.rows import START, Event, add_events, add_session, spread

Connection = psycopg.Connection[Any]

LARGEST = 1_000_000
EVENTS = 40
REFUSED = re.compile(r"The page is (\d+) bytes, more than the 1000000 that one answer may have; limit=(\d+) fits\.")
# print_page.sql writes "[" and "]" around the events of a page, and this between them.
SEPARATOR = ","
# The data of event number n; about 1.2 to 4 MB in all.
Payload = Callable[[int], dict[str, Any] | str]
PAYLOADS: dict[str, Payload] = {
    "of one size": lambda _: {"log": "0123456789abcdef" * 3000},
    "growing": lambda number: {"log": "0123456789abcdef" * 100 * number},
    "one large in the middle": lambda number: {"log": "x" * (900_000 if number == EVENTS // 2 else 9_000)},
    "one letter, stored in a hundredth": lambda _: {"log": "x" * 100_000},
    "control characters, six bytes each": lambda _: {"log": "\x01" * 9_000},
    "numbers hundreds of times as long in print": lambda _: f'{{"log": [{", ".join(["1e4000"] * 20)}]}}',
    "of many small parts": lambda _: {"log": [{"a": 1, "b": None}] * 2_000},
}


@pytest.fixture(scope="module")
def small(running_stack: Stack) -> Iterator[Client]:
    """A proxy whose answers may hold LARGEST bytes."""
    env = {"MAX_RESPONSE_BYTES": str(LARGEST)}
    with proxy(running_stack.postgrest_url, env=env) as front, requests.Session() as session:
        yield Client(front.url, session)


@pytest.fixture
def session_id(writer: Connection) -> Iterator[UUID]:
    """A session that is gone again at the end, with its large events."""
    session_id = add_session(writer)
    yield session_id
    writer.execute("delete from public.sessions where id = %s", [session_id])


def events(payload: Payload, count: int = EVENTS) -> list[Event]:
    """Events with such data, the oldest with that of 0."""
    return [Event(timestamp=START + timedelta(seconds=n), event_data=payload(n)) for n in range(count)]


def sizes(client: Client, session_id: UUID, **parameters: Any) -> list[int]:
    """The bytes of each item of a page, as they come from a proxy that lets the page pass."""
    response = client.get(session_id, **parameters)
    assert response.status_code == 200, response.text
    text = response.content.decode()
    items = text[text.index("[") + 1 : text.rindex('],"pagination":')]
    decoder = json.JSONDecoder(parse_int=Decimal)
    found = []
    while items:
        _, end = decoder.raw_decode(items)
        found.append(len(items[:end].encode()))
        items = items[end:].removeprefix(SEPARATOR)
    return found


def page_size(items: list[int]) -> int:
    """The bytes of a page of items of these sizes."""
    return len("[]") + sum(items) + len(SEPARATOR) * (len(items) - 1)


def fitting(items: list[int]) -> int:
    """The largest limit with which every page that is cut out of these items fits."""
    return max(
        limit
        for limit in range(1, len(items))
        if all(page_size(items[first : first + limit]) <= LARGEST for first in range(len(items)))
    )


def refusal(client: Client, session_id: UUID, **parameters: Any) -> tuple[int, int]:
    """What the refusal of a page says: how large it is, and which limit fits."""
    detail = assert_problem(client.get(session_id, **parameters), 400, "limit")["detail"]
    found = REFUSED.match(detail)
    assert found, detail
    return int(found[1]), int(found[2])


@pytest.mark.parametrize("kind", PAYLOADS)
def test_refusal_is_true(kind: str, small: Client, client: Client, writer: Connection, session_id: UUID) -> None:
    """Whatever the payloads, the size should be the page's very bytes, and the limit the largest that always fits."""
    add_events(writer, session_id, events(PAYLOADS[kind]))
    items = sizes(client, session_id)
    assert page_size(items) > LARGEST
    size, limit = refusal(small, session_id)
    assert (size, limit) == (page_size(items), fitting(items))
    pages = -(-EVENTS // limit)
    walked = [event_id for page in range(1, pages + 1) for event_id in small.ids(session_id, limit=limit, page=page)]
    assert walked == client.ids(session_id)


@pytest.mark.parametrize("way", ["all", "since", "event_type", "cursor"])
def test_one_event_more_does_not_fit(
    way: str, small: Client, client: Client, writer: Connection, session_id: UUID
) -> None:
    """With any filter, the limit in the message should pass, and one event more should not."""
    filters = {
        "all": {},
        "since": {"since": "2026-01-01T00:00:00Z"},
        "event_type": {"event_type": "info"},
        "cursor": {"cursor": client.page(session_id)["cursor"]},
    }[way]
    add_events(writer, session_id, events(PAYLOADS["of one size"]))
    _, limit = refusal(small, session_id, **filters)
    assert len(small.ids(session_id, limit=limit, **filters)) == limit
    assert refusal(small, session_id, limit=limit + 1, **filters)[1] == limit


def test_only_the_page_counts(small: Client, client: Client, writer: Connection, session_id: UUID) -> None:
    """Each page should be measured for itself: small ones pass before and after a large one."""
    add_events(writer, session_id, events(lambda number: {"log": "x" * (200_000 if 10 <= number < 20 else 10)}, 30))
    assert len(small.ids(session_id, limit=10, page=1)) == 10
    assert refusal(small, session_id, limit=10, page=2) == (page_size(sizes(client, session_id, limit=10, page=2)), 4)
    assert len(small.ids(session_id, limit=10, page=3)) == 10


def test_limit_is_sharp(small: Client, client: Client, writer: Connection, session_id: UUID) -> None:
    """A page of exactly MAX_RESPONSE_BYTES should pass; with one byte more it should not, whatever the limit."""
    add_events(writer, session_id, [Event(event_type="empty", event_data={"log": ""})])
    rest = LARGEST - page_size(sizes(client, session_id, event_type="empty"))
    add_events(writer, session_id, [Event(event_type="exact", event_data={"log": "x" * rest})])
    add_events(writer, session_id, [Event(event_type="above", event_data={"log": "x" * (rest + 1)})])
    assert len(small.ids(session_id, event_type="exact")) == 1
    for limit in (1, 100):
        detail = assert_problem(small.get(session_id, event_type="above", limit=limit), 400, "limit")["detail"]
        assert f"The page is {LARGEST + 1} bytes" in detail
        assert "one of its events alone is larger" in detail
        assert "limit=" not in detail


def _exploding(megabytes: int) -> Event:
    """An event that is small in the table and huge in print."""
    numbers = ["1e131071"] * (megabytes * 1_000_000 // 131_072)
    return Event(event_data=f'{{"log": [{", ".join(numbers)}]}}')


def test_numbers_that_explode(small: Client, writer: Connection, session_id: UUID) -> None:
    """An event that is small in the table and large in print should be refused like any other that is large."""
    add_events(writer, session_id, [_exploding(2)])
    assert assert_problem(small.get(session_id), 400, "limit")["title"] == "Response too large"


def test_more_than_can_be_printed(small: Client, writer: Connection, session_id: UUID) -> None:
    """An event that PostgreSQL cannot print should be refused, if it finds that out in time; all should live on."""
    add_events(writer, session_id, [_exploding(1200), *spread(3, event_type="warning")])
    response = small.get(session_id)
    if response.status_code == 504:
        assert response.elapsed.total_seconds() > 4
    else:
        assert assert_problem(response, 400, "limit")["title"] == "Response too large"
    assert len(small.ids(session_id, event_type="warning")) == 3
