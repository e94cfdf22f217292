"""`cursor`: exact, whatever the clocks and the order of commits."""

import base64
import random
import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import psycopg
import pytest
import requests

from tests.support.client import Client, assert_problem
from tests.support.rows import Event, add_events, add_session, newest_first, spread

Writer = psycopg.Connection[Any]

MALFORMED = "/docs#problem-cursor-malformed"
LOST = "/docs#problem-cursor-lost"
# The last word of what a cursor says (make_token.sql).
SNAPSHOT = r"\d+:\d+:[\d,]*(?= \S+$)"


def test_nothing_repeats(client: Client, writer: Writer, session_id: UUID) -> None:
    """US2.2: once nothing is in flight, no event should come twice."""
    add_events(writer, session_id, spread(3))
    page = client.page(session_id)
    for _ in range(3):
        page = client.page(session_id, cursor=page["cursor"])
        assert (page["items"], page["pagination"]["total"]) == ([], 0)


def test_only_what_is_new(client: Client, writer: Writer, session_id: UUID) -> None:
    """US2.1: it should bring what was written since, whatever its timestamp says."""
    add_events(writer, session_id, spread(3))
    cursor = client.page(session_id)["cursor"]
    events = [Event(timestamp=f"{year}-01-01T00:00:00Z") for year in (1999, 2026, 2999)]
    add_events(writer, session_id, events)
    page = client.page(session_id, cursor=cursor)
    assert [item["id"] for item in page["items"]] == [str(event.id) for event in reversed(events)]
    assert page["pagination"]["total"] == 3
    assert client.ids(session_id, cursor=page["cursor"]) == []


def test_same_cursor_again(client: Client, writer: Writer, session_id: UUID) -> None:
    """A cursor should not be used up: a client whose answer got lost asks again with it."""
    cursor = client.page(session_id)["cursor"]
    add_events(writer, session_id, spread(2))
    assert client.ids(session_id, cursor=cursor) == client.ids(session_id, cursor=cursor) != []


def test_late_commit(client: Client, database_url: str, session_id: UUID) -> None:
    """EC: session that generates events: one that commits after the poll should come with the next, however old."""
    with psycopg.connect(database_url) as slow:
        event = Event(timestamp="2001-01-01T00:00:00Z")
        add_events(slow, session_id, [event])
        first = client.page(session_id)
        assert first["items"] == []
        again = client.page(session_id, cursor=first["cursor"])
        assert again["items"] == []
    for cursor in (first["cursor"], again["cursor"]):
        assert client.ids(session_id, cursor=cursor) == [str(event.id)]


def test_commits_out_of_order(client: Client, database_url: str, writer: Writer, session_id: UUID) -> None:
    """An older transaction that commits after a younger one should be found, and nothing repeat once both are in."""
    older, younger = Event(timestamp="2026-01-13T14:30:00Z"), Event(timestamp="2026-01-13T14:30:01Z")
    with psycopg.connect(database_url) as slow:
        add_events(slow, session_id, [older])
        add_events(writer, session_id, [younger])
        page = client.page(session_id)
        assert [item["id"] for item in page["items"]] == [str(younger.id)]
    page = client.page(session_id, cursor=page["cursor"])
    assert str(older.id) in [item["id"] for item in page["items"]]
    assert client.ids(session_id, cursor=page["cursor"]) == []


def test_savepoints_and_rollbacks(client: Client, database_url: str, session_id: UUID) -> None:
    """Events of released savepoints should come, events of rolled back ones never."""
    kept, undone = Event(), Event()
    cursor = client.page(session_id)["cursor"]
    with psycopg.connect(database_url) as connection:
        connection.execute("select")  # begins the transaction that the savepoints are in
        with connection.transaction():
            add_events(connection, session_id, [kept])
        with connection.transaction(force_rollback=True):
            add_events(connection, session_id, [undone])
        cursor = client.page(session_id, cursor=cursor)["cursor"]
    assert client.ids(session_id, cursor=cursor) == [str(kept.id)]


@pytest.mark.parametrize("seed", range(3))
def test_no_loss(client: Client, database_url: str, session_id: UUID, seed: int) -> None:
    """SC-002, SC-004: following it should find every event of writers that interleave and whose clocks lie."""
    written, seen = set(), set()
    cursor = client.page(session_id)["cursor"]
    for event_id in _interleaved(database_url, session_id, random.Random(seed)):
        written |= {event_id} if event_id else set()
        page = client.page(session_id, cursor=cursor)
        cursor = page["cursor"]
        seen |= {item["id"] for item in page["items"]}
    last = client.page(session_id, cursor=cursor)
    seen |= {item["id"] for item in last["items"]}
    assert seen == written
    assert client.ids(session_id, cursor=last["cursor"]) == []


def _interleaved(database_url: str, session_id: UUID, chance: random.Random) -> Iterator[str | None]:
    """Writes in open transactions and commits them in any order; yields an event's id, or None after a commit."""
    with ExitStack() as stack:
        writers = [stack.enter_context(psycopg.connect(database_url)) for _ in range(4)]
        for _ in range(40):
            writer = chance.choice(writers)
            if chance.random() < 0.4:
                writer.commit()
                yield None
            else:
                event = Event(timestamp=f"20{chance.randrange(10, 40)}-01-01T00:00:00Z")
                add_events(writer, session_id, [event])
                yield str(event.id)


def test_burst(client: Client, writer: Writer, session_id: UUID) -> None:
    """US4: a burst larger than limit should be walked by page with one cursor; then the first page's cursor goes on."""
    cursor = client.page(session_id)["cursor"]
    events = spread(25)
    add_events(writer, session_id, events)
    pages = [client.page(session_id, cursor=cursor, limit=10, page=page) for page in (1, 2, 3)]
    walked = [item["id"] for page in pages for item in page["items"]]
    assert walked == newest_first(events)
    assert [page["pagination"]["has_next"] for page in pages] == [True, True, False]
    assert {page["pagination"]["total"] for page in pages} == {25}
    assert client.ids(session_id, cursor=pages[0]["cursor"]) == []


def test_burst_while_more_comes(client: Client, writer: Writer, session_id: UUID) -> None:
    """US4: what is written while a burst is walked should come with the first page's cursor at the latest."""
    cursor = client.page(session_id)["cursor"]
    burst, more = spread(5), [Event(timestamp="2000-01-01T00:00:00Z")]
    add_events(writer, session_id, burst)
    first = client.page(session_id, cursor=cursor, limit=3)
    add_events(writer, session_id, more)
    seen = {item["id"] for item in first["items"]} | set(client.ids(session_id, cursor=cursor, limit=3, page=2))
    seen |= set(client.ids(session_id, cursor=first["cursor"]))
    assert seen == {str(event.id) for event in burst + more}


def test_with_event_type(client: Client, writer: Writer, session_id: UUID) -> None:
    """US3.1: with event_type it should bring only that type, and count only that."""
    cursor = client.page(session_id, event_type="error")["cursor"]
    errors = spread(2, event_type="error")
    add_events(writer, session_id, [*spread(3), *errors])
    page = client.page(session_id, cursor=cursor, event_type="error")
    assert [item["id"] for item in page["items"]] == newest_first(errors)
    assert page["pagination"]["total"] == 2


def test_safe_in_a_url(client: Client, session_id: UUID) -> None:
    """It should need no escape in a URL."""
    cursor = client.page(session_id)["cursor"]
    assert cursor.replace("-", "a").replace("_", "a").isalnum()
    assert cursor.isascii()


def test_other_session(client: Client, writer: Writer, session_id: UUID) -> None:
    """The cursor of another session should be refused, and the message say to start again."""
    cursor = client.page(add_session(writer))["cursor"]
    body = assert_problem(client.get(session_id, cursor=cursor), 400, "cursor")
    assert body["type"] == MALFORMED
    assert "another session" in body["detail"]
    assert "tart again without it" in body["detail"]


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "opaque",
        "=",
        "2026-01-13T14:30:00Z",
        "AAAA",
        "_" * 100,
        "-" * 101,
        "A" * 4000,
        "A" * 4001,
        "é",
        "a b",
        "a\x00b",
    ],
    ids=lambda text: repr(text[:20]),
)
def test_malformed(client: Client, writer: Writer, session_id: UUID, cursor: str) -> None:
    """Noise should be a 400 that says to start again, never an empty success."""
    add_events(writer, session_id, spread(1))
    body = assert_problem(client.get(session_id, cursor=cursor), 400, "cursor")
    assert body["type"] != LOST
    assert "start again without it" in body["detail"].lower()


@pytest.mark.parametrize("cut", [1, 10, 60, -1, -2, -5, -20])
def test_truncated(client: Client, writer: Writer, session_id: UUID, cut: int) -> None:
    """A cursor that lost its end should be malformed, never one that has seen more."""
    add_events(writer, session_id, spread(1))
    cursor = client.page(session_id)["cursor"]
    body = assert_problem(client.get(session_id, cursor=cursor[:cut]), 400, "cursor")
    assert body["type"] == MALFORMED


@pytest.mark.parametrize("place", [0, 10, 40, 90, -40, -20, -1])
def test_damaged(client: Client, session_id: UUID, place: int) -> None:
    """A cursor with one letter changed should be refused, wherever that stands."""
    letters = list(client.page(session_id)["cursor"])
    letters[place] = "A" if letters[place] != "A" else "B"
    response = client.get(session_id, cursor="".join(letters))
    # A letter of the history's number makes it another history's.
    assert assert_problem(response, 400, "cursor")["type"] in {MALFORMED, LOST}


@pytest.mark.parametrize("kind", ["1c", "3c", "2w", "", "x", "2c 2c"], ids=repr)
def test_other_kind(client: Client, writer: Writer, session_id: UUID, kind: str) -> None:
    """A token of another kind or version of ours should be malformed, although its seal fits."""
    head = re.sub("^2c", kind, _head(client.page(session_id)["cursor"]))
    response = client.get(session_id, cursor=_sealed(writer, head, session_id))
    assert assert_problem(response, 400, "cursor")["type"] == MALFORMED


def test_seal_of_another_head(client: Client, writer: Writer, session_id: UUID) -> None:
    """A cursor that says to have seen more than its seal is for should be malformed."""
    cursor = client.page(session_id)["cursor"]
    head = re.sub(SNAPSHOT, "1000000:1000000:", _head(cursor))
    tail = 32
    forged = _sealed(writer, head, session_id)[:-tail] + cursor[-tail:]
    assert assert_problem(client.get(session_id, cursor=forged), 400, "cursor")["type"] == MALFORMED


def test_other_database(client: Client, writer: Writer, session_id: UUID) -> None:
    """A cursor of another database cluster, or of another timeline, should be told apart from a malformed one."""
    add_events(writer, session_id, spread(1))
    head = _head(client.page(session_id)["cursor"])
    row = writer.execute(
        "select system_identifier, timeline_id from pg_control_system(), pg_control_checkpoint()"
    ).fetchone()
    assert row is not None
    system_identifier, timeline = row
    ours = rf"{system_identifier}(\D){timeline}(?=\D)"
    for other in (rf"{system_identifier + 1}\g<1>{timeline}", rf"{system_identifier}\g<1>{timeline + 1}"):
        changed, times = re.subn(ours, other, head)
        assert times == 1
        assert_lost(client.get(session_id, cursor=_sealed(writer, changed, session_id)))


@pytest.mark.parametrize("snapshot", ["4000000000:4000000000:", f"{2**62 + 5}:{2**62 + 5}:", "1:4000000000:1,2"])
def test_future(client: Client, writer: Writer, session_id: UUID, snapshot: str) -> None:
    """A cursor that has seen what this database has not should be of a lost history, never an empty success."""
    add_events(writer, session_id, spread(1))
    head, times = re.subn(SNAPSHOT, snapshot, _head(client.page(session_id)["cursor"]))
    assert times == 1
    assert_lost(client.get(session_id, cursor=_sealed(writer, head, session_id)))


def assert_lost(response: requests.Response) -> None:
    """The one shape of a cursor of a lost history."""
    body = assert_problem(response, 400, "cursor")
    assert body["type"] == LOST
    assert "Start again without it" in body["detail"]


def _head(cursor: str) -> str:
    """What a cursor says, without its session and seal (make_token.sql)."""
    return base64.urlsafe_b64decode(cursor)[:-24].decode().rstrip()


def _sealed(writer: Writer, head: str, session_id: UUID) -> str:
    """A token with a seal that fits, as only the database itself can write it."""
    row = writer.execute(
        "select events_internal.make_token(%s, %s, h.seal_key) from events_internal.history() as h", [head, session_id]
    ).fetchone()
    assert row is not None
    return str(row[0])
