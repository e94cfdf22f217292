"""Whatever a client sends, it cannot fill PostgreSQL's log."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from stack.postgres import Cluster
from stack.postgrest import AUTHENTICATOR
from stack.whole import Stack
from tests.support.client import Client
from tests.support.rows import Event, add_events, add_session, spread

from .parts import own_proxy

Writer = psycopg.Connection[Any]
# Whose events are asked for, and with which parameters.
Request = tuple[UUID, dict[str, Any]]

TIMES = 50
# More than the proxy of these tests puts into an answer, in one page and in one event.
LARGEST = 20_000
MANY = [Event(event_data={"log": "x" * 1000}) for _ in range(2 * LARGEST // 1000)]
ONE = [Event(event_data={"log": "x" * 2 * LARGEST})]


@pytest.fixture(scope="module")
def small(running_stack: Stack) -> Iterator[Client]:
    """A client of a proxy with small answers."""
    with own_proxy(running_stack.postgrest_url, {"MAX_RESPONSE_BYTES": str(LARGEST)}) as proxy:
        yield proxy.client


def no_such_session(_client: Client, _writer: Writer) -> Request:
    """An id that no session has."""
    return uuid.uuid4(), {}


def no_such_session_with_a_cursor(client: Client, writer: Writer) -> Request:
    """A session that was deleted between two polls."""
    session_id = add_session(writer)
    cursor = client.page(session_id)["cursor"]
    writer.execute("delete from public.sessions where id = %s", [session_id])
    return session_id, {"cursor": cursor}


def noise_for_a_cursor(_client: Client, writer: Writer) -> Request:
    """What never was a cursor."""
    return add_session(writer), {"cursor": "opaque"}


def long_noise_for_a_cursor(_client: Client, writer: Writer) -> Request:
    """As long as a cursor may be."""
    return add_session(writer), {"cursor": "A" * 4000}


def cursor_of_another_session(client: Client, writer: Writer) -> Request:
    """A whole cursor, sent to the wrong place."""
    return add_session(writer), {"cursor": client.page(add_session(writer))["cursor"]}


def damaged_cursor(client: Client, writer: Writer) -> Request:
    """A cursor with one character changed."""
    session_id = add_session(writer)
    return session_id, {"cursor": damaged(client.page(session_id)["cursor"])}


def cursor_of_a_lost_history(_client: Client, writer: Writer) -> Request:
    """A cursor of another table of events, as after a restore."""
    with writer.transaction(force_rollback=True):
        session_id = add_session(writer)
        writer.execute("alter table public.events rename to events_before")
        writer.execute("create table public.events (like public.events_before including all)")
        writer.execute("grant select on public.events to session_events_definer")
        writer.execute("select from api.session_events(%s)", [session_id])
        (cursor,) = writer.execute(
            "select coalesce(o.header ->> 'Events-Cursor', '')"
            " from json_array_elements(current_setting('response.headers')::json) as o (header)"
            " order by 1 desc limit 1"
        ).fetchone() or ("",)
    return add_session(writer, id=session_id), {"cursor": cursor}


def noise_for_next(_client: Client, writer: Writer) -> Request:
    """What never was the next of an answer."""
    return add_session(writer), {"next": "opaque"}


def next_of_another_session(client: Client, writer: Writer) -> Request:
    """A whole next, sent to the wrong place."""
    return add_session(writer), {"next": next_of(client, writer, add_session(writer))}


def damaged_next(client: Client, writer: Writer) -> Request:
    """A next with one character changed."""
    session_id = add_session(writer)
    return session_id, {"next": damaged(next_of(client, writer, session_id))}


def too_large_a_page(_client: Client, writer: Writer) -> Request:
    """Events that are too many for an answer."""
    session_id = add_session(writer)
    add_events(writer, session_id, MANY)
    return session_id, {"limit": 1000}


def too_large_an_event(_client: Client, writer: Writer) -> Request:
    """An event that no limit makes small enough."""
    session_id = add_session(writer)
    add_events(writer, session_id, ONE)
    return session_id, {}


def next_of(client: Client, writer: Writer, session_id: UUID) -> str:
    """The next of an answer that was not the last of its walk."""
    add_events(writer, session_id, spread(5))
    return str(client.page(session_id, limit=2)["pagination"]["next"])


def damaged(token: str) -> str:
    """A token with one character changed."""
    return token[:20] + ("A" if token[20] != "A" else "B") + token[21:]


@pytest.mark.parametrize(
    "make",
    [
        no_such_session,
        no_such_session_with_a_cursor,
        noise_for_a_cursor,
        long_noise_for_a_cursor,
        cursor_of_another_session,
        damaged_cursor,
        cursor_of_a_lost_history,
        noise_for_next,
        next_of_another_session,
        damaged_next,
        too_large_a_page,
        too_large_an_event,
    ],
)
def test_bad_requests_leave_no_trace(
    small: Client, writer: Writer, cluster: Cluster, make: Callable[[Client, Writer], Request]
) -> None:
    """A bad request that is repeated should write nothing into PostgreSQL's log."""
    session_id, parameters = make(small, writer)
    before = cluster.log_path.stat().st_size
    for _ in range(TIMES):
        assert small.get(session_id, **parameters).status_code in {400, 404}
    with cluster.log_path.open(errors="replace") as log:
        log.seek(before)
        # What the server says of itself, of a checkpoint for one, names no user.
        assert [line for line in log if f" {AUTHENTICATOR}@" in line] == []
