"""How an answer leaves: most at once, in one piece with its head; a large one piece by piece."""

import asyncio
import time
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

from aiohttp import HttpVersion11, hdrs, web
from aiohttp.abc import AbstractStreamWriter

from proxy.envelope import CORS, dress
from proxy.response import Answer

# A client that does not read keeps its page in memory: so long, and no longer.
_SEND_SECONDS = 120
# In bytes: so much of the answers sent at once may wait in a process for clients to read it.
_MOST_UNREAD = 128 * 1024 * 1024
_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}


def small(request: web.Request, answer: Answer) -> web.StreamResponse:
    """The response that sends an answer of which a copy costs little."""
    dress(answer.headers, answer.status, request, request.app[CORS])
    # One of HTTP/1.0 ends: what it would be told to make it stay is nothing to HTTP/1.1.
    stays = request.version >= HttpVersion11 and request.keep_alive
    if not stays:
        answer.headers["Connection"] = "close"
    return _AtOnce(answer.status, answer.headers, b"".join(answer.pieces), request.app[UNREAD], stays=stays)


async def send(request: web.Request, answer: Answer) -> web.StreamResponse:
    """Sends a large answer here, so that its memory is counted until it is gone."""
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = answer.size
    try:
        async with asyncio.timeout(_SEND_SECONDS):
            await response.prepare(request)
            for piece in answer.pieces:
                await response.write(piece)
            await response.write_eof()
    except (TimeoutError, ConnectionError):
        # Who reads too slowly is cut off; who has left is no failure of ours.
        if request.transport is not None:
            request.transport.abort()
    return response


class Unread:
    """What clients have yet to read: else one could have thousands of answers kept, in a row or side by side."""

    def __init__(self) -> None:
        # How large, oldest first.
        self._sizes: dict[asyncio.Transport, int] = {}
        self._sum = 0

    async def wait(self, request: web.BaseRequest, transport: asyncio.Transport, size: int) -> None:
        """Waits until a client has read nearly all; where too much is unread, who has had theirs longest is cut off.

        Raises:
            ConnectionError: the client has left, or was cut off.
        """
        self._sizes[transport] = size
        self._sum += size
        while self._sum > _MOST_UNREAD:
            oldest = next(iter(self._sizes))
            self._forget(oldest)
            oldest.abort()
        try:
            async with asyncio.timeout(_SEND_SECONDS):
                await request.writer.drain()
        except TimeoutError:
            transport.abort()
        finally:
            self._forget(transport)

    def _forget(self, transport: asyncio.Transport) -> None:
        self._sum -= self._sizes.pop(transport, 0)


UNREAD = web.AppKey("unread", Unread)


class _AtOnce(web.StreamResponse):
    """An answer whose head is complete; aiohttp would make its own in many steps, on every poll."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes, unread: Unread, *, stays: bool) -> None:
        super().__init__(status=status)
        self._keep_alive = stays
        self._complete = headers
        self._whole = body
        self._unread = unread

    @property  # type: ignore[misc]  # nobody sets it
    def content_length(self) -> int:
        """The length of the body, also where it is not sent."""
        return len(self._whole)

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter:
        """Sends everything.

        Raises:
            ConnectionError: the client has left.
        """
        transport = request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError
        headers = self._complete
        headers["Date"] = _date(int(time.time()))
        if self.status != HTTPStatus.NOT_MODIFIED:
            headers["Content-Length"] = str(len(self._whole))
        lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
        head = f"{_LINES[self.status]}{''.join(lines)}\r\n".encode()
        data = head if request.method == hdrs.METH_HEAD else head + self._whole
        # aiohttp keeps the response until the connection's next request.
        self._whole = b""
        transport.write(data)
        if transport.get_write_buffer_size():
            # Until the last of it is taken all is kept.
            await self._unread.wait(request, transport, len(data))
        return request.writer

    async def write_eof(self, data: bytes = b"") -> None:
        """Does nothing: everything is sent."""


@lru_cache(1)
def _date(seconds: int) -> str:
    """A moment as HTTP writes it."""
    return formatdate(seconds, usegmt=True)
