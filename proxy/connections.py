"""Kept connections to an HTTP server, on which a call costs little; the protocol itself is httptools' business."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpResponseParser

# So much of a body waits for its reader before the server has to.
_MOST_UNREAD = 256 * 1024


class LostError(ConnectionError):
    """The answer has not come, or has not come whole."""


class Connections:
    """At most so many connections to `unix:///path`, `http://host:port` or `https://…`, each for one call at a time."""

    def __init__(self, url: str, most: int) -> None:
        self._place = urlsplit(url)
        self._places = asyncio.Semaphore(most)
        self._idle: list[Connection] = []
        host = "localhost" if self._place.scheme == "unix" else self._place.netloc.rpartition("@")[2]
        self._begin = "GET " if self._place.scheme == "unix" else f"GET {self._place.path}"
        # PostgREST hands every header on to the transaction.
        self._end = f" HTTP/1.1\r\nHost: {host}\r\nAccept: application/octet-stream\r\n\r\n"

    def close(self) -> None:
        """Closes those that are idle."""
        while self._idle:
            self._idle.pop().close()

    @asynccontextmanager
    async def get(self, target: str) -> AsyncIterator["Connection"]:
        """The answer to a GET, from its head on; a body that is not read to its end costs the connection.

        Raises:
            OSError: there is no connection, or it was lost; LostError is one of these.
        """
        async with self._places:
            connection = await self._asked(f"{self._begin}{target}{self._end}".encode())
            try:
                yield connection
            finally:
                self._keep(connection)

    async def _asked(self, request: bytes) -> "Connection":
        """A connection that has begun to answer. One that was kept may just be being closed: then another."""
        while True:
            kept = self._kept()
            connection = kept or await self._open()
            try:
                await connection.ask(request)
            except LostError:
                if kept is None or connection.answering:
                    raise
            except BaseException:
                connection.close()
                raise
            else:
                return connection

    def _kept(self) -> "Connection | None":
        """An idle connection, the one used last; those that were closed meanwhile are dropped."""
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable:
                return connection
        return None

    async def _open(self) -> "Connection":
        loop = asyncio.get_running_loop()
        place = self._place
        if place.scheme == "unix":
            _, made = await loop.create_unix_connection(Connection, place.path)
        else:
            secure = place.scheme == "https"
            port = place.port or (443 if secure else 80)
            _, made = await loop.create_connection(Connection, place.hostname or "", port, ssl=secure or None)
        return made

    def _keep(self, connection: "Connection") -> None:
        if connection.reusable:
            self._idle.append(connection)
        else:
            connection.close()


class Connection(asyncio.Protocol):
    """One call at a time, and its answer: `status`, and the body in pieces."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport
        self._parser = HttpResponseParser(self)
        self._waiter: asyncio.Future[None] | None = None
        self._failure: LostError | None = None
        self._pieces: list[bytes] = []
        self._unread = 0
        self._paused = False
        self._whole = True
        self._kept = False
        self.answering = False
        self.status = 0

    @property
    def reusable(self) -> bool:
        """Whether the answer has come whole, and another may be asked for."""
        return self._whole and self._kept and self._failure is None

    async def ask(self, request: bytes) -> None:
        """Sends a request and waits for the head of its answer.

        Raises:
            LostError: it has not come.
        """
        self._pieces, self._unread, self._whole, self.answering = [], 0, False, False
        self.status = 0
        self._transport.write(request)
        while not self.status:
            await self._more()

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body, as it comes.

        Raises:
            LostError: it has not come whole.
        """
        while True:
            pieces, self._pieces, self._unread = self._pieces, [], 0
            for piece in pieces:
                yield piece
            self._resume()
            if self._pieces:
                continue
            if self._whole:
                return
            await self._more()

    def close(self) -> None:
        """Hangs up."""
        self._transport.abort()

    async def _more(self) -> None:
        if self._failure is None:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        # What came before the end is an answer all the same.
        if self._failure and not self._whole:
            raise self._failure

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, reason: str) -> None:
        self._failure = self._failure or LostError(reason)
        self._transport.abort()

    def _pause(self) -> None:
        self._paused = True
        self._transport.pause_reading()

    def _resume(self) -> None:
        if self._paused and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the way out."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Takes in what has come."""
        self.answering = True
        try:
            self._parser.feed_data(data)
        except HttpParserError as error:
            self._fail(f"what the server says is no HTTP: {error}")
        else:
            if self._unread > _MOST_UNREAD and not self._paused:
                self._pause()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more will come."""
        self._failure = self._failure or LostError(str(exc or "the server has closed the connection"))
        self._wake()

    def on_message_begin(self) -> None:
        """Fails where nothing was asked: it would be taken for the answer to what is asked next."""
        if self._whole:
            raise LostError("an answer that nobody asked for")

    def on_headers_complete(self) -> None:
        """Tells the status."""
        self.status = self._parser.get_status_code()

    def on_body(self, piece: bytes) -> None:
        """Keeps it until it is read."""
        self._pieces.append(piece)
        self._unread += len(piece)

    def on_message_complete(self) -> None:
        """Says whether another may be asked for."""
        self._whole = True
        self._kept = self._parser.should_keep_alive()
