"""GET /api/v2/sessions/{session_id}/events."""

import asyncio
import time
from contextlib import AsyncExitStack
from functools import partial

from aiohttp import web

from proxy import query as events_query
from proxy.access import Access
from proxy.admission import Admission
from proxy.negotiation import accepts_gzip, matches
from proxy.postgrest import EventsPage, PostgREST
from proxy.query import EventsQuery
from proxy.response import Answer, assemble
from proxy.time_limit import time_limit

# The braces are for aiohttp's default pattern, which excludes them: they are no UUID, and get the 400 of other such.
PATH = "/api/v2/sessions/{session_id:[^/]+}/events"

# Above this, hashing and compressing in the event loop would delay the other requests.
_MOST_IN_LOOP = 64 * 1024
_LARGE_PAGES_AT_ONCE = 4
# A client that does not read keeps its page in memory: so long, and no longer.
_SEND_SECONDS = 120


class Events:
    """Answers the requests for events: `calls` admits to PostgREST, `large_pages` to holding a large page in memory."""

    def __init__(self, postgrest: PostgREST, access: Access, request_timeout: float, *, concurrency: int) -> None:
        self._postgrest = postgrest
        self._access = access
        self._request_timeout = request_timeout
        self._calls = Admission(concurrency)
        self._large_pages = Admission(_LARGE_PAGES_AT_ONCE)

    async def get(self, request: web.Request) -> web.StreamResponse:
        """A page of events, or 304.

        Raises:
            Problem: whatever is wrong with the request, or on the way to the database.
        """
        started = time.perf_counter()
        self._access.check(request)
        query = events_query.parse(request.match_info["session_id"], request.rel_url.raw_query_string)
        async with AsyncExitStack() as held:
            async with time_limit(self._request_timeout), self._calls.slot():
                waited = time.perf_counter()
                page = await self._postgrest.session_events(
                    query, on_large=lambda: held.enter_async_context(self._large_pages.slot())
                )
            answer = await self._assemble(request, query, page)
            spans = {"queue": waited - started, "db": page.seconds, "total": time.perf_counter() - started}
            answer.headers["Server-Timing"] = ", ".join(f"{name};dur={s * 1000:.2f}" for name, s in spans.items())
            if not page.large or request.method == "HEAD" or not answer.pieces:
                return web.Response(status=answer.status, headers=answer.headers, body=b"".join(answer.pieces))
            return await _send(request, answer)

    async def options(self, _request: web.Request) -> web.Response:
        """Which methods there are; what a page of another origin may do is added to every answer."""
        return web.Response(status=204, headers={"Allow": "GET, HEAD, OPTIONS"})

    async def _assemble(self, request: web.Request, query: EventsQuery, page: EventsPage) -> Answer:
        work = partial(
            assemble,
            query,
            page,
            shedding=self._calls.shedding,
            gzip=accepts_gzip(request),
            is_known=partial(matches, request),
        )
        return await asyncio.to_thread(work) if page.size > _MOST_IN_LOOP else work()


async def _send(request: web.Request, answer: Answer) -> web.StreamResponse:
    """Sends a large answer here, so that its memory is counted until it is gone."""
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = answer.size
    try:
        async with asyncio.timeout(_SEND_SECONDS):
            await response.prepare(request)
            for piece in answer.pieces:
                await response.write(piece)
            await response.write_eof()
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
    return response
