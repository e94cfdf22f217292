"""The one call to PostgREST."""

import json
import logging
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

from proxy.problems import Kind, Problem, from_postgrest
from proxy.request import EventsQuery

logger = logging.getLogger(__name__)

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


class PostgREST:
    """A pool of kept connections to PostgREST at `unix:///path` or `http://host:port`."""

    def __init__(self, url: str, *, connections: int, max_response_bytes: int) -> None:
        parts = urlsplit(url)
        unix = parts.scheme == "unix"
        self._url = URL("http://postgrest/" if unix else f"{url}/") / _FUNCTION
        self._max_response_bytes = max_response_bytes
        self._session = ClientSession(
            connector=UnixConnector(parts.path, limit=connections) if unix else TCPConnector(limit=connections),
            # The caller sets one time limit over the wait and the call.
            timeout=ClientTimeout(total=None),
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,
        )

    async def close(self) -> None:
        """Closes all connections."""
        await self._session.close()

    async def session_events(self, query: EventsQuery) -> EventsPage:
        """One page of events, cut by the database.

        Raises:
            Problem: whatever the database, PostgREST or the way to it had to say.
        """
        arguments = {**query.arguments(), "p_max_bytes": str(self._max_response_bytes)}
        try:
            # GET keeps the function in a READ ONLY transaction, which a standby needs too.
            async with self._session.get(self._url.with_query(arguments)) as response:
                if response.status != 200:
                    raise await self._problem(response, query)
                return _page(response, await self._read(response))
        except (ClientError, OSError) as error:
            logger.warning("PostgREST is not reachable: %s", error)
            raise Problem(Kind.UNAVAILABLE) from error

    async def _read(self, response: ClientResponse) -> list[bytes]:
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
                raise Problem(Kind.RESPONSE_TOO_LARGE, detail, ({"parameter": "limit", "message": detail},))
            pieces.append(piece)
        return pieces

    async def _problem(self, response: ClientResponse, query: EventsQuery) -> Problem:
        if response.headers.get("Events-Error") == "session-not-found":
            return Problem(Kind.SESSION_NOT_FOUND, f"Session not found: {query.session_id}")
        text = await response.text()
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
