"""HTTP as bytes, for what a well-behaved client would never send or would tidy up on the way."""

import http.client
import io
import socket
from urllib.parse import urlsplit

import requests

PATIENCE_SECONDS = 30


class _Sock:
    """What http.client wants of a socket: the bytes that came."""

    def __init__(self, received: bytes) -> None:
        self._received = received

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._received)


def send(url: str, data: bytes) -> requests.Response:
    """What the server at `url` answers to these very bytes; it must close the connection after them."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(data)
        return answer(_received(connection))


def get(url: str, target: bytes, *headers: bytes) -> requests.Response:
    """The answer to a GET of a target that no client would put like this."""
    lines = [b"GET " + target + b" HTTP/1.1", b"Host: localhost", b"Connection: close", *headers, b"", b""]
    return send(url, b"\r\n".join(lines))


def answer(received: bytes) -> requests.Response:
    """The bytes of an answer as requests would give it."""
    parsed = http.client.HTTPResponse(_Sock(received))  # type: ignore[arg-type]
    parsed.begin()
    response = requests.Response()
    response.status_code = parsed.status
    response.headers.update(parsed.headers)
    response.raw = io.BytesIO(parsed.read())
    return response


def _received(connection: socket.socket) -> bytes:
    pieces = []
    while piece := connection.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


def leave(url: str, data: bytes) -> None:
    """Sends these bytes and hangs up without reading anything."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(data)
