"""User story 4: how many events come at once, and the pages of them."""

import uuid
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
import requests

from tests.support.client import Client
from tests.support.rows import add_events, add_session, newest_first, spread

Writer = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def sized(database_url: str) -> Iterator[dict[int, UUID]]:
    """Sessions by their number of events."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        sessions = {count: add_session(connection) for count in (0, 1, 10, 20, 100, 101, 500, 1001)}
        for count, session_id in sessions.items():
            add_events(connection, session_id, spread(count, seconds=0.001))
        yield sessions


def test_less_than_there_are(client: Client, sized: dict[int, UUID]) -> None:
    """US4.1, FR-005: of 500 events limit=50 should give exactly the 50 newest."""
    page = client.page(sized[500], limit=50)
    assert [item["event_data"]["n"] for item in page["items"]] == list(range(499, 449, -1))
    assert (page["pagination"]["returned"], page["pagination"]["total"]) == (50, 500)


def test_more_than_there_are(client: Client, sized: dict[int, UUID]) -> None:
    """US4.2: of 20 events limit=50 should give all 20."""
    page = client.page(sized[20], limit=50)
    assert (len(page["items"]), page["pagination"]["returned"], page["pagination"]["total"]) == (20, 20, 20)
    assert page["pagination"]["per_page"] == 50


@pytest.mark.parametrize(("count", "returned"), [(100, 100), (101, 100), (500, 100)])
def test_default(client: Client, sized: dict[int, UUID], count: int, returned: int) -> None:
    """US4.3, FR-005: without a limit at most 100 events should come."""
    page = client.page(sized[count])
    assert (len(page["items"]), page["pagination"]["per_page"], page["pagination"]["total"]) == (returned, 100, count)


@pytest.mark.parametrize(("limit", "per_page"), [("1", 1), ("999", 999), ("1000", 1000), ("0001", 1)])
@pytest.mark.parametrize("name", ["limit", "per_page"])
def test_up_to_the_largest(client: Client, sized: dict[int, UUID], name: str, limit: str, per_page: int) -> None:
    """FR-005: up to 1000 should be taken as it is, under either of the parameter's names."""
    page = client.page(sized[1001], **{name: limit})
    assert page["pagination"]["per_page"] == per_page
    assert len(page["items"]) == page["pagination"]["returned"] == per_page


@pytest.mark.parametrize(
    "limit", ["1001", "1" + "0" * 30, "9" * 5000, str(2**31), str(2**63)], ids=lambda text: text[:8]
)
@pytest.mark.parametrize("name", ["limit", "per_page"])
def test_capped(client: Client, sized: dict[int, UUID], name: str, limit: str) -> None:
    """FR-005: more than 1000 should be read as 1000, and the answer say so."""
    page = client.page(sized[1001], **{name: limit})
    assert page["pagination"]["per_page"] == 1000
    assert len(page["items"]) == page["pagination"]["returned"] == 1000


def test_filter_comes_before_limit(client: Client, writer: Writer, session_id: UUID) -> None:
    """EC: filter and limit: the filter should apply first, so that older matches still fill the page."""
    errors = spread(3, event_type="error")
    add_events(writer, session_id, [*errors, *spread(50, start=errors[-1].timestamp)])  # type: ignore[arg-type]
    page = client.page(session_id, event_type="error", limit=2)
    assert [item["id"] for item in page["items"]] == newest_first(errors)[:2]
    assert (page["pagination"]["total"], page["pagination"]["total_pages"]) == (3, 2)
    since = page["items"][1]["timestamp"]
    assert client.page(session_id, since=since, limit=5)["pagination"]["total"] == 51


@pytest.mark.parametrize(
    ("count", "limit", "page", "returned", "total_pages", "has_next", "has_prev"),
    [
        (0, 10, 1, 0, 0, False, False),
        (0, 10, 2, 0, 0, False, True),
        (1, 10, 1, 1, 1, False, False),
        (10, 10, 1, 10, 1, False, False),
        (10, 10, 2, 0, 1, False, True),
        (20, 10, 1, 10, 2, True, False),
        (20, 10, 2, 10, 2, False, True),
        (101, 100, 1, 100, 2, True, False),
        (101, 100, 2, 1, 2, False, True),
        (101, 100, 3, 0, 2, False, True),
        (1001, 1000, 2, 1, 2, False, True),
        (20, 1, 20, 1, 20, False, True),
        (20, 3, 7, 2, 7, False, True),
    ],
)
def test_pagination(
    client: Client,
    sized: dict[int, UUID],
    count: int,
    limit: int,
    page: int,
    returned: int,
    total_pages: int,
    has_next: bool,
    has_prev: bool,
) -> None:
    """FR-007, FR-011: the numbers should be right at every border, and a page past the end be empty."""
    body = client.page(sized[count], limit=limit, page=page)
    assert (body["pagination"].pop("next") is not None) is has_next
    assert body["pagination"] == {
        "page": page,
        "per_page": limit,
        "total": count,
        "total_pages": total_pages,
        "has_next": has_next,
        "has_prev": has_prev,
        "returned": returned,
    }
    assert len(body["items"]) == returned


def test_pages_are_the_whole(client: Client, sized: dict[int, UUID]) -> None:
    """FR-007: following has_next should bring every event once, in order."""
    walked: list[int] = []
    number, more = 1, True
    while more:
        page = client.page(sized[101], limit=25, page=number)
        walked += [item["event_data"]["n"] for item in page["items"]]
        number, more = number + 1, page["pagination"]["has_next"]
    assert walked == list(range(100, -1, -1))
    assert number == 6


@pytest.mark.parametrize("page", [2**31, 2**63 - 1, 2**63, 2**64, 10**30, 9 * 10**15])
def test_page_far_past_the_end(client: Client, sized: dict[int, UUID], page: int) -> None:
    """A page far past the end should be empty, without an overflow anywhere."""
    for limit in (1, 1000):
        body = client.page(sized[20], page=page, limit=limit)
        assert body["items"] == []
        assert (body["pagination"]["page"], body["pagination"]["total"]) == (page, 20)
        assert (body["pagination"]["has_next"], body["pagination"]["has_prev"]) == (False, True)


def test_page_of_thousands_of_digits(client: Client, sized: dict[int, UUID]) -> None:
    """A page of thousands of digits should be empty too, and come back as it was sent."""
    page = "9" * 20_000
    response = requests.get(client.events_url(sized[20]), {"page": page}, timeout=60)
    assert response.status_code == 200
    assert response.content.startswith(
        b'{"items":[],"pagination":{"page":' + page.encode() + b',"per_page":100,"total":20,'
    )


def test_page_past_the_end_of_no_session(client: Client) -> None:
    """FR-002: a page past the end should not hide that there is no such session."""
    assert client.get(uuid.uuid4(), page=10**30).status_code == 404
