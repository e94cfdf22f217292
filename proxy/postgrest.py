"""The one call to PostgREST."""

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import (
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
    UnixConnector,
)
from yarl import URL

from proxy.problems import Kind, Problem, about, from_postgrest
from proxy.request import EventsQuery

logger = logging.getLogger(__name__)

OnLarge = Callable[[], Awaitable[None]]

# In bytes; a page above is counted while it is in memory.
LARGE = 1024 * 1024

_FUNCTION = "rpc/session_events"


@dataclass(frozen=True)
class EventsPage:
    """A page as PostgREST sent it: `items` are the pieces of one JSON array, `seconds` the time in the database."""

    items: list[bytes]
    returned: int
    total: int
    per_page: int
    session_status: str
    timestamp: str
    cursor: str
    seconds: float

    @property
    def size(self) -> int:
        """The length of the items in bytes."""
        return sum(map(len, self.items))

    @property
    def large(self) -> bool:
        """Whether it was counted as large when it was read."""
        return self.size > LARGE


class PostgREST:
    """A pool of kept connections to PostgREST at `unix:///path` or `http://host:port`."""

    def __init__(self, url: str, *, connections: int, max_response_bytes: int) -> None:
        parts = urlsplit(url)
        self._socket = parts.path if parts.scheme == "unix" else None
        self._url = URL("http://postgrest/" if self._socket else f"{url}/") / _FUNCTION
        self._connections = connections
        self._max_response_bytes = max_response_bytes
        self._session: ClientSession

    def open(self) -> None:
        """Makes ready for calls, in the running event loop."""
        self._session = ClientSession(
            connector=UnixConnector(self._socket, limit=self._connections)
            if self._socket
            else TCPConnector(limit=self._connections),
            # The caller sets one time limit over the wait and the call.
            timeout=ClientTimeout(total=None),
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,
            # PostgREST hands every header on to the transaction; these say nothing to it.
            skip_auto_headers=["Accept", "Accept-Encoding", "User-Agent"],
        )

    async def close(self) -> None:
        """Closes all connections."""
        await self._session.close()

    async def session_events(self, query: EventsQuery, *, on_large: OnLarge | None = None) -> EventsPage:
        """One page of events, cut by the database; `on_large` is awaited before more than a mebibyte is held.

        Raises:
            Problem: whatever the database, PostgREST or the way to it had to say.
        """
        arguments = {**query.arguments(), "p_max_bytes": str(self._max_response_bytes)}
        try:
            # GET keeps the function in a READ ONLY transaction, which a standby needs too.
            async with self._session.get(self._url.with_query(arguments)) as response:
                if response.status != 200:
                    raise await self._problem(response, query)
                return _page(response, await self._read(response, on_large))
        except (KeyError, ValueError) as error:
            logger.error("PostgREST's answer is not what session_events() gives: %r", error)
            raise Problem(Kind.UNAVAILABLE) from error
        except (ClientError, OSError) as error:
            logger.warning("PostgREST is not reachable: %s", error)
            raise Problem(Kind.UNAVAILABLE) from error

    async def _read(self, response: ClientResponse, on_large: OnLarge | None) -> list[bytes]:
        """The body in pieces. The function has measured the page; this stops what its estimate could not see."""
        pieces: list[bytes] = []
        size = 0
        async for piece in response.content.iter_any():
            size += len(piece)
            if size > self._max_response_bytes:
                detail = (
                    f"The page is larger than the {self._max_response_bytes} bytes that one answer may have; "
                    "ask with a smaller limit."
                )
                raise about(Kind.RESPONSE_TOO_LARGE, "limit", detail)
            if size > LARGE and on_large:
                await on_large()
                on_large = None
            pieces.append(piece)
        return pieces

    async def _problem(self, response: ClientResponse, query: EventsQuery) -> Problem:
        refusal = response.headers.get("Events-Error")
        if refusal == "P0002":
            return Problem(Kind.SESSION_NOT_FOUND, f"Session not found: {query.session_id}")
        if refusal:
            return from_postgrest(refusal, "", "")
        text = await response.text(errors="replace")
        try:
            body = json.loads(text)
            problem = from_postgrest(str(body["code"]), str(body["message"]), str(body["hint"] or ""))
        except (ValueError, TypeError, KeyError):
            problem = Problem(Kind.UNAVAILABLE)
        if problem.kind.status >= 500:
            logger.error("PostgREST answered %s: %s", response.status, text)
        return problem


def _page(response: ClientResponse, items: list[bytes]) -> EventsPage:
    headers = response.headers
    return EventsPage(
        items=items,
        returned=_returned(headers["Content-Range"]),
        total=int(headers["Total-Count"]),
        per_page=int(headers["Per-Page"]),
        session_status=headers["Session-Status"],
        timestamp=headers["Events-Timestamp"],
        cursor=headers["Events-Cursor"],
        seconds=_transaction_seconds(headers.get("Server-Timing", "")),
    )


def _returned(content_range: str) -> int:
    """The number of rows in a Content-Range such as 0-99/* or, with none, */*."""
    first, _, last = content_range.partition("/")[0].partition("-")
    return int(last) - int(first) + 1 if last else 0


def _transaction_seconds(server_timing: str) -> float:
    """PostgREST 12 gives its durations in microseconds, although the header's unit is milliseconds."""
    _, found, rest = server_timing.partition("transaction;dur=")
    return float(rest.partition(",")[0]) / 1_000_000 if found else 0.0
