"""Something between the proxy and PostgREST that does not always pass on what it should."""

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from urllib.parse import urlsplit

_END = b"0\r\n\r\n"

# What becomes of PostgREST's answer on its way; the connection is closed after nothing at all, or less than the whole.
Fate = Callable[[bytes], bytes]


@dataclass
class Relay:
    """Takes one connection after the other, and does to each answer what `fates` says; at the end of these, nothing."""

    url: str
    fates: Sequence[Fate] = ()
    asked: int = 0
    connections: int = 0

    def serve(self, listener: socket.socket, upstream: str) -> None:
        """Until the listener is closed."""
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            with client:
                while self._answered(client, upstream):
                    pass

    def _answered(self, client: socket.socket, upstream: str) -> bool:
        """Whether the client may go on."""
        request = _until(client, b"\r\n\r\n")
        if not request:
            return False
        fate = self.fates[self.asked] if self.asked < len(self.fates) else bytes
        self.asked += 1
        with socket.socket(socket.AF_UNIX) as server:
            server.connect(upstream)
            server.sendall(request)
            answer = _until(server, _END)
        passed = fate(answer)
        client.sendall(passed)
        return len(passed) >= len(answer)


@contextmanager
def relay(postgrest_url: str) -> Iterator[Relay]:
    """A relay to PostgREST's unix socket, on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Relay(f"http://127.0.0.1:{listener.getsockname()[1]}")
        thread = Thread(target=made.serve, args=(listener, urlsplit(postgrest_url).path), daemon=True)
        thread.start()
        yield made
        listener.shutdown(socket.SHUT_RDWR)


def _until(way: socket.socket, end: bytes) -> bytes:
    """What comes, up to that end; nothing where the connection ends before."""
    received = b""
    while not received.endswith(end):
        try:
            data = way.recv(1 << 16)
        except ConnectionError:
            data = b""
        if not data:
            return b""
        received += data
    return received
