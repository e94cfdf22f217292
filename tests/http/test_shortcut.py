"""The short way through the proxy, and the long one for whatever is written in another way: one answer."""

import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest
import requests

from tests.support.client import Client
from tests.support.rows import add_events, spread

from . import wire

Writer = psycopg.Connection[Any]
Way = Callable[[str, str], requests.Response]

# What no two answers have the same, or what says that the connection ends.
OF_THE_MOMENT = {"Connection", "Date", "Server-Timing", "X-Request-ID"}
QUERIES = ["", "?limit=2", "?limit=1000", "?limit=x", "?cursor=x", "?since=2030-01-01T00:00:00Z"]


def path(session_id: str, query: str) -> str:
    """As everybody writes it."""
    return f"/api/v2/sessions/{session_id}/events{query}"


def encoded(url: str, target: str) -> requests.Response:
    """The same path, with a letter of it as its code."""
    return wire.get(url, target.replace("/events", "/%65vents").encode())


def closing(url: str, target: str) -> requests.Response:
    """On a connection that ends."""
    return wire.get(url, target.encode())


def old(url: str, target: str) -> requests.Response:
    """By HTTP/1.0."""
    return wire.send(url, f"GET {target} HTTP/1.0\r\n\r\n".encode())


def with_a_body(url: str, target: str) -> requests.Response:
    """With a body that nobody reads."""
    return wire.get(url, target.encode(), b"Content-Length: 2\r\n\r\nab")


def expecting(url: str, target: str) -> requests.Response:
    """With an expectation."""
    return wire.get(url, target.encode(), b"Expect: 100-continue")


def told(response: requests.Response) -> tuple[int, dict[str, str], object]:
    """What has to be the same."""
    body = response.json()
    for token in ("timestamp", "cursor", "request_id"):
        body.pop(token, None)
    body.get("pagination", {}).pop("next", None)
    headers = {name: value for name, value in response.headers.items() if name not in OF_THE_MOMENT}
    if response.status_code != 200:
        # The id in the body is another one.
        headers.pop("Content-Length")
    return response.status_code, headers, body


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("way", [encoded, closing, old, with_a_body, expecting])
def test_same_answer(client: Client, writer: Writer, session_id: UUID, way: Way, query: str) -> None:
    """However it is written, a request should get the answer of the usual one: status, headers, and body."""
    add_events(writer, session_id, spread(5))
    usual = requests.get(client.url + path(str(session_id), query), headers={"Accept-Encoding": ""}, timeout=60)
    assert told(way(client.url, path(str(session_id), query))) == told(usual)


def test_one_after_the_other(client: Client, session_id: UUID) -> None:
    """Requests that are sent at once on one connection should be answered in their order."""
    targets = [path(str(session_id), f"?limit={number}") for number in range(1, 6)]
    lines = [f"GET {target} HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: {target[-1]}\r\n" for target in targets]
    lines[-1] += "Connection: close\r\n"
    parts = urlsplit(client.url)
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=60) as connection:
        connection.sendall("".join(f"{line}\r\n" for line in lines).encode())
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    ids = [line.partition(b": ")[2] for line in received.splitlines() if line.startswith(b"X-Request-ID")]
    assert ids == [b"1", b"2", b"3", b"4", b"5"]
