"""Many clients at once, and how long a poll takes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import psycopg

from tests.support.client import Client
from tests.support.rows import Event, add_events, spread

Writer = psycopg.Connection[Any]

POLLERS = 100


def test_concurrent_pollers(client: Client, writer: Writer, session_id: UUID) -> None:
    """SC-003, EC: concurrent requests: 100 that poll one session at once should all succeed and see the same."""
    add_events(writer, session_id, spread(50))
    start = Barrier(POLLERS)

    def poll() -> set[tuple[int, int]]:
        own = Client(client.url)
        with own.session:
            start.wait()
            pages = [own.page(session_id, limit=10) for _ in range(3)]
        return {(page["pagination"]["total"], page["items"][0]["event_data"]["n"]) for page in pages}

    assert _in_parallel(poll) == [{(50, 49)}] * POLLERS


def test_concurrent_followers_of_a_running_session(
    client: Client, database_url: str, writer: Writer, session_id: UUID
) -> None:
    """EC: concurrent requests, EC: session that generates events: every follower should end up with every event."""
    start = Barrier(11)
    events = [Event(event_data={"n": number}) for number in range(40)]

    def follow() -> set[str]:
        own = Client(client.url)
        with own.session:
            cursor, seen = own.page(session_id)["cursor"], set[str]()
            start.wait()
            while len(seen) < len(events):
                page = own.page(session_id, cursor=cursor)
                cursor = page["cursor"]
                seen |= {item["id"] for item in page["items"]}
        return seen

    with ThreadPoolExecutor(10) as pool:
        followers = [pool.submit(follow) for _ in range(10)]
        start.wait()
        for event in events:
            add_events(writer, session_id, [event])
        found = [follower.result(timeout=60) for follower in followers]
    assert found == [{str(event.id) for event in events}] * 10


def test_total_and_items_agree(client: Client, writer: Writer, session_id: UUID) -> None:
    """FR-007: total and items should be of one snapshot, however much is written meanwhile."""

    def write() -> None:
        for _ in range(200):
            add_events(writer, session_id, [Event()])

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        while not writing.done():
            page = client.page(session_id, limit=1000)
            assert page["pagination"]["total"] == page["pagination"]["returned"] == len(page["items"])
        writing.result()


def test_response_time(client: Client, writer: Writer, session_id: UUID) -> None:
    """US2.3, FR-009, SC-001: 19 of 20 polls of a session of 10,000 events should take less than 500 ms."""
    writer.execute(
        "insert into public.events (id, session_id, event_type, event_data, timestamp)"
        " select gen_random_uuid(), %s, 'info', '{}', timestamptz '2026-01-13' + n * interval '1 second'"
        " from generate_series(1, 10000) as n",
        [session_id],
    )
    since = client.page(session_id)["timestamp"]
    polls = [client.get(session_id, **question) for question in ({}, {"since": since}) for _ in range(20)]
    for kind in (polls[:20], polls[20:]):
        assert sorted(poll.elapsed.total_seconds() for poll in kind)[18] < 0.5


def _in_parallel(work: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(POLLERS) as pool:
        return [future.result(timeout=60) for future in [pool.submit(work) for _ in range(POLLERS)]]
