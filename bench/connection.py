"""One kept HTTP connection that costs a load generator as little as Python can."""

import asyncio
import re
from typing import cast
from urllib.parse import urlsplit

from stack.errors import StackError

_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_LAST_CHUNK = b"0\r\n\r\n"
_LOST = 0


class Connection(asyncio.Protocol):
    """Takes one request at a time, and reads answers with a Content-Length or in chunks."""

    def __init__(self, url: str) -> None:
        self._place = urlsplit(url)
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._received = b""
        # Where the answer ends, once its head is there; None before, and where only the last chunk tells.
        self._end: int | None = None

    async def open(self) -> None:
        """Connects."""
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, self._place.hostname or "", self._place.port or 80)

    def close(self) -> None:
        """Hangs up."""
        if self._transport is not None:
            self._transport.close()

    async def ask(self, target: str) -> tuple[int, bytes]:
        """The status and the bytes of the answer; 0 if the connection was lost, which is made again."""
        if self._transport is None:
            await self.open()
        if self._transport is None:
            raise StackError(f"no connection to {self._place.netloc}")
        self._answer = asyncio.get_running_loop().create_future()
        self._received, self._end = b"", None
        self._transport.write(request(target, self._place.netloc))
        return await self._answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the way out."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Gives the answer on once it is whole."""
        self._received += data
        if self._end is None:
            self._end = answer_end(self._received)
        if self._end is not None and len(self._received) >= self._end:
            self._give(int(self._received[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        """An answer that was waited for will not come."""
        self._transport = None
        self._give(_LOST)

    def _give(self, status: int) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((status, self._received))


def answer_end(received: bytes) -> int | None:
    """How long the answer is that begins so; None where that cannot be told yet."""
    head = received.find(_HEAD_END)
    if head < 0:
        return None
    length = _LENGTH.search(received, 0, head + 2)
    if length:
        return head + len(_HEAD_END) + int(length[1])
    return len(received) if received.endswith(_LAST_CHUNK) else None


def status(answer: bytes) -> int:
    """Of a whole answer; 0 of none."""
    return int(answer[9:12] or 0)


def request(target: str, host: str) -> bytes:
    """What asks for `target`."""
    return f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
