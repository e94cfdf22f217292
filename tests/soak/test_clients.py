"""Clients that are slow, silent, or send everything at once: bounded, and no harm to others."""

import resource
import socket
import threading
import time
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psutil
import psycopg
import pytest
import requests

from tests.http import wire
from tests.http.parts import OwnProxy
from tests.support.client import Client
from tests.support.long import LONG, long
from tests.support.metrics import told
from tests.support.rows import Event, add_events, add_session, spread
from tests.support.waiting import wait_until

IDLE = 10_000 if LONG else 1_000
BYTES_FOR_AN_IDLE_ONE = 50_000
ANSWERED = 40
BYTES_AFTER_AN_ANSWER = 150_000
SLOW = 50
IDLE_SECONDS = 75
HEAD = b"GET / HTTP/1.1\r\nX-Slow: "
PIPELINED = 50
UNREAD = 2_000
# What the answers that nobody reads may take of the proxy's memory, whatever the number of requests.
BYTES_FOR_THE_UNREAD = 20_000_000
# Clients side by side that do not read, what they ask before the sockets take no more, and what they may take of it.
UNREADING = 190
ROW = 6
BYTES_FOR_THE_UNREADING = 170_000_000
LONG_QUERIES = 150
BYTES_FOR_A_LONG_QUERY = 40_000
MOST_SECONDS = 5.0


@pytest.fixture(scope="module")
def session_id(database_url: str) -> UUID:
    """A session with a hundred events: its first page is some 20 kB."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        session_id = add_session(connection)
        add_events(connection, session_id, spread(100))
        return session_id


def _request(own: OwnProxy, session_id: UUID, limit: int, *, last: bool = False) -> bytes:
    path = urlsplit(own.client.events_url(session_id)).path
    lines = [f"GET {path}?limit={limit} HTTP/1.1", "Host: localhost", *(["Connection: close"] if last else []), "", ""]
    return "\r\n".join(lines).encode()


def _connect(own: OwnProxy) -> socket.socket:
    parts = urlsplit(own.client.url)
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=60)


def test_idle(own: OwnProxy, session_id: UUID) -> None:
    """Thousands of connections without a request should cost little, and nothing once they are gone."""
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < IDLE + 100:
        pytest.skip(f"the machine lets a process open fewer than {IDLE} files")
    process = psutil.Process(own.process.pid)
    assert own.client.get(session_id).status_code == 200
    memory, descriptors = process.memory_info().rss, process.num_fds()
    with ExitStack() as idle:
        for _ in range(IDLE):
            idle.enter_context(_connect(own))
        wait_until(lambda: process.num_fds() >= IDLE, "all are connected")
        _assert_served(own, session_id)
        grown = process.memory_info().rss - memory
        print(f"{IDLE} idle connections: {grown / IDLE / 1000:.1f} kB each")
        assert grown < IDLE * BYTES_FOR_AN_IDLE_ONE
    wait_until(lambda: process.num_fds() <= descriptors + 2, "the descriptors are given back")


@pytest.fixture(scope="module")
def large(database_url: str) -> UUID:
    """A session whose first page has more than 0.9 MB, and so is none of the large ones yet."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        session_id = add_session(connection)
        add_events(connection, session_id, [Event(message="x" * 9000) for _ in range(100)])
        return session_id


def test_idle_after_an_answer(own: OwnProxy, large: UUID) -> None:
    """A connection whose answer was read should cost no more for that, however large this was."""
    process = psutil.Process(own.process.pid)
    plain = {"Accept-Encoding": "identity"}
    assert len(own.client.get(large, headers=plain).content) > 900_000
    memory = process.memory_info().rss
    with ExitStack() as idle:
        for _ in range(ANSWERED):
            client = Client(own.client.url, idle.enter_context(requests.Session()))
            assert client.get(large, headers=plain).status_code == 200
        grown = process.memory_info().rss - memory
        print(f"{ANSWERED} connections after a large answer: {grown / ANSWERED / 1000:.1f} kB each")
        assert grown < ANSWERED * BYTES_AFTER_AN_ANSWER


def _assert_served(own: OwnProxy, session_id: UUID) -> None:
    for _ in range(10):
        began = time.monotonic()
        assert own.client.get(session_id).status_code == 200
        assert time.monotonic() - began < MOST_SECONDS


def test_trickle(own: OwnProxy, session_id: UUID) -> None:
    """Requests that come in byte by byte should be answered in the end, and hold up nobody meanwhile."""
    request = _request(own, session_id, 7, last=True)
    with ExitStack() as slow:
        connections = [slow.enter_context(_connect(own)) for _ in range(SLOW)]
        for number, byte in enumerate(request):
            for connection in connections:
                connection.sendall(bytes([byte]))
            if number == len(request) // 2:
                _assert_served(own, session_id)
        answers = [wire.answer(_all_of(connection)) for connection in connections]
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["pagination"]["per_page"] for answer in answers} == {7}


@long
def test_never_asks(own: OwnProxy, session_id: UUID) -> None:
    """Connections on which no request comes, or none to its end, should be closed after a while, and no others."""
    request = _request(own, session_id, 1)
    first = {
        "silent": b"",
        "trickling": HEAD,
        "silent after an answer": request,
        "trickling after an answer": request + HEAD,
        "asking": request,
    }
    further = {"trickling": b"x", "trickling after an answer": b"x", "asking": request}
    closed: dict[str, float] = {}
    with ExitStack() as all_of_them:
        connected = {name: all_of_them.enter_context(_connect(own)) for name in first}
        began = time.monotonic()
        for name, sent in first.items():
            connected[name].sendall(sent)
        while (seconds := time.monotonic() - began) < IDLE_SECONDS + 10:
            for name in set(connected) - set(closed):
                if _is_closed(connected[name], further.get(name, b"")):
                    closed[name] = seconds
            threading.Event().wait(1)
    assert set(closed) == set(first) - {"asking"}
    assert all(seconds > IDLE_SECONDS - 5 for seconds in closed.values())


def _is_closed(connection: socket.socket, further: bytes) -> bool:
    """Whether the other end has closed it; sends something more, and reads what has come."""
    try:
        connection.settimeout(60)
        connection.sendall(further)
        connection.setblocking(False)
        while connection.recv(65536):
            pass
    except BlockingIOError:
        return False
    except ConnectionError:
        return True
    return True


def test_pipelining(own: OwnProxy, session_id: UUID) -> None:
    """Requests that are sent at once over a connection should be answered in their order."""
    limits = range(1, PIPELINED + 1)
    requests = [_request(own, session_id, limit, last=limit == PIPELINED) for limit in limits]
    with _connect(own) as connection:
        connection.sendall(b"".join(requests))
        received = _all_of(connection)
    pages = [int(each.partition(b",")[0]) for each in received.split(b'"per_page":')[1:]]
    assert pages == [*limits]


def test_long_queries(own: OwnProxy, session_id: UUID) -> None:
    """What is remembered of queries should not grow with their length, which a client chooses."""
    process = psutil.Process(own.process.pid)
    queries = [f"page={number}{'1' * 30_000}&limit={'1' * 30_000}" for number in range(1, LONG_QUERIES + 1)]

    def _ask(path: str) -> int:
        """Asks all of them, and tells what the proxy then has in memory."""
        assert {session.get(f"{path}?{query}", timeout=60).status_code for query in queries} == {200}
        return process.memory_info().rss

    with requests.Session() as session:
        # aiohttp remembers the last 128 addresses.
        memory = _ask(f"{own.client.url}/live")
        grown = _ask(own.client.events_url(session_id)) - memory
    print(f"{LONG_QUERIES} long queries: {grown / LONG_QUERIES / 1000:.1f} kB each")
    assert grown < LONG_QUERIES * BYTES_FOR_A_LONG_QUERY


def test_unread(own: OwnProxy, session_id: UUID) -> None:
    """Answers that nobody reads should take no memory without bound, and hold up nobody else."""
    process = psutil.Process(own.process.pid)
    _assert_served(own, session_id)
    memory = process.memory_info().rss
    with _connect(own) as connection:
        connection.settimeout(2)
        data: Any = memoryview(_request(own, session_id, 100) * UNREAD)
        while data:
            try:
                data = data[connection.send(data) :]
            except TimeoutError:
                break
        _assert_served(own, session_id)
        grown = process.memory_info().rss - memory
        print(f"{UNREAD} requests whose answers are not read: {grown / 1e6:.1f} MB, {len(data)} bytes not taken")
        assert grown < BYTES_FOR_THE_UNREAD
    _assert_served(own, session_id)


def _taken_by(clients: int, request: bytes, own: OwnProxy, session_id: UUID) -> int:
    """The bytes that the proxy takes for clients that each ask a few times and do not read, while others are served."""
    process = psutil.Process(own.process.pid)
    memory = process.memory_info().rss
    with ExitStack() as unread:
        connections = [unread.enter_context(_connect(own)) for _ in range(clients)]
        for connection in connections:
            connection.sendall(request * ROW)
        wait_until(lambda: told(own.client).value("requests_in_flight") == 1, "who does not read waits")
        _assert_served(own, session_id)
        return process.memory_info().rss - memory


def test_unread_side_by_side(own: OwnProxy, session_id: UUID, large: UUID) -> None:
    """However many clients do not read, their answers should take no more than a part of the memory."""
    grown = _taken_by(UNREADING, _request(own, large, 100), own, session_id)
    print(f"{UNREADING} clients that do not read: {grown / 1e6:.1f} MB")
    assert grown < BYTES_FOR_THE_UNREADING
    _assert_served(own, session_id)


def test_unread_of_http_1_0(own: OwnProxy, session_id: UUID, large: UUID) -> None:
    """Nor should clients of HTTP/1.0 that do not read take more, and one that reads get its whole answer."""
    request = _request(own, large, 100).replace(b"HTTP/1.1", b"HTTP/1.0")
    staying = request.replace(b"\r\n\r\n", b"\r\nConnection: keep-alive\r\n\r\n")
    assert _taken_by(SLOW, staying, own, session_id) < BYTES_FOR_THE_UNREAD
    with _connect(own) as connection:
        connection.sendall(request)
        assert len(wire.answer(_all_of(connection)).json()["items"]) == 100


def _all_of(connection: socket.socket) -> bytes:
    pieces = []
    while piece := connection.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)
