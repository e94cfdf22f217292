"""What is no HTTP, or too much of it."""

import re
from uuid import UUID

import pytest

from stack.whole import Stack
from tests.support.client import Client

from . import wire

EVENTS = b"/api/v2/sessions/8c6ea1d4-3a3c-4f8e-9f6d-2f1c9f0f7b11/events"
END = b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
HEAD = b"GET " + EVENTS + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"

REQUESTS = {
    "noise": b"\x00\x01\x02\xff\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "words": b"GARBAGE\r\n\r\n",
    "no version": b"GET " + EVENTS + b"\r\n\r\n",
    "no such version": b"GET " + EVENTS + b" HTTP/9.9\r\n\r\n",
    "no such method": b"FOO " + EVENTS + END,
    "space in the target": b"GET " + EVENTS + b"?a b=1" + END,
    "bytes in the path": b"GET /api/v2/sessions/\xff/events" + END,
    "bytes in the query": b"GET " + EVENTS + b"?since=\xff" + END,
    "bytes in a name": b"GET " + EVENTS + b"?\xff=1" + END,
    "half an address": b"GET http://[::1" + END,
    "another host": b"GET http://evil.example/nowhere" + END,
    "a tunnel": b"CONNECT localhost:80" + END,
    "the server as such": b"OPTIONS *" + END,
    "header without a name": HEAD + b": x\r\n\r\n",
    "header without a colon": HEAD + b"nonsense\r\n\r\n",
    "NUL in a header": HEAD + b"X-Request-ID: a\x00b\r\n\r\n",
    "length in letters": HEAD + b"Content-Length: x\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "length and chunks": HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bad chunk": b"POST " + EVENTS + END[:-2] + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "unknown expectation": HEAD + b"Expect: something\r\n\r\n",
    "unknown expectation of a page": b"GET /docs" + END[:-2] + b"Expect: something\r\n\r\n",
    "unknown expectation of nothing": b"GET /nowhere" + END[:-2] + b"Expect: something\r\n\r\n",
    "unknown expectation of another method": b"POST " + EVENTS + END[:-2] + b"Expect: something\r\n\r\n",
    "long target": b"GET " + EVENTS + b"?since=" + b"1" * 200_000 + END,
    "long header": HEAD + b"X-Long: " + b"a" * 200_000 + b"\r\n\r\n",
    "long method": b"G" * 200_000 + b" " + EVENTS + END,
    "many parameters": b"GET " + EVENTS + b"?" + b"&".join(b"a%d=1" % number for number in range(5000)) + END,
}


@pytest.mark.parametrize("name", REQUESTS)
def test_refused(client: Client, session_id: UUID, name: str) -> None:
    """It should be a 4xx, never a 500 nor a traceback, and the next request work."""
    response = wire.send(client.url, REQUESTS[name])
    assert 400 <= response.status_code < 500
    assert "Traceback" not in response.text
    assert client.get(session_id).status_code == 200


def test_does_not_name_the_software(client: Client) -> None:
    """Nor should a refusal name the software and its versions, as no other answer does."""
    headers = {name: str(wire.send(client.url, data).headers) for name, data in REQUESTS.items()}
    assert [name for name, text in headers.items() if re.search(r"aiohttp|python", text, re.IGNORECASE)] == []


def test_has_the_shape_of_errors(client: Client) -> None:
    """Every refusal should be application/problem+json like any other error."""
    kinds = {name: wire.send(client.url, data).headers["Content-Type"] for name, data in REQUESTS.items()}
    assert [name for name, kind in kinds.items() if kind != "application/problem+json"] == []


def test_body_of_a_get(client: Client) -> None:
    """The body of a GET should be ignored."""
    assert wire.send(client.url, HEAD + b"Content-Length: 5\r\n\r\nhello").status_code == 404


@pytest.mark.parametrize("coding", [b"gzip", b"deflate", b"br"])
def test_body_that_is_not_coded_as_it_says(running_stack: Stack, client: Client, coding: bytes) -> None:
    """A body that cannot be decoded should be ignored too, and leave no line in the log of errors."""
    before = running_stack.proxy.log_path.read_text().count('"level": "error"')
    data = HEAD + b"Content-Encoding: " + coding + b"\r\nContent-Length: 5\r\n\r\nhello"
    assert wire.send(client.url, data).status_code == 404
    assert client.get(UUID(int=0)).status_code == 404
    assert running_stack.proxy.log_path.read_text().count('"level": "error"') == before


def test_many_sane_headers(client: Client) -> None:
    """A hundred headers should be no problem."""
    assert wire.get(client.url, EVENTS, *[b"X-%d: y" % number for number in range(100)]).status_code == 404


def test_client_that_leaves(client: Client, session_id: UUID) -> None:
    """A client that hangs up in the middle of a request should harm nobody."""
    for data in (b"GET ", HEAD, HEAD + b"\r\n"):
        wire.leave(client.url, data)
    assert client.get(session_id).status_code == 200
