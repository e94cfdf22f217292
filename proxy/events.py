"""GET /api/v2/sessions/{session_id}/events."""

import asyncio
import time

from aiohttp import hdrs, web

from proxy.access import Access
from proxy.negotiation import accepts_gzip, known_tags
from proxy.observer import QUERY
from proxy.polls import Polls
from proxy.postgrest import Page
from proxy.query import EventsQuery, parse
from proxy.response import Answer, assemble
from proxy.sending import send, small

# The braces are for aiohttp's default pattern, which excludes them: they are no UUID, and get the 400 of other such.
PATH = "/api/v2/sessions/{session_id:[^/]+}/events"

# Above this, hashing and compressing in the event loop would delay the other requests.
_MOST_IN_LOOP = 64 * 1024


class Events:
    """Answers the requests for events."""

    def __init__(self, polls: Polls, access: Access) -> None:
        self._polls = polls
        self._access = access

    async def get(self, request: web.Request) -> web.StreamResponse:
        """A page of events, or 304.

        Raises:
            Problem: whatever is wrong with the request, or on the way to the database.
        """
        started = time.perf_counter()
        await self._access.check(request)
        query = request[QUERY] = parse(request.match_info["session_id"], request.rel_url.raw_query_string)
        page = await self._polls.page(query)
        try:
            return await self._respond(request, query, page, started)
        finally:
            self._polls.let_go(page)

    async def options(self, _request: web.Request) -> web.Response:
        """Which methods there are; what a page of another origin may do is added to every answer."""
        return web.Response(status=204, headers={"Allow": "GET, HEAD, OPTIONS"})

    async def _respond(
        self, request: web.Request, query: EventsQuery, page: Page, started: float
    ) -> web.StreamResponse:
        answer = await self._assemble(request, query, page)
        queue, total = page.called - started, time.perf_counter() - started
        answer.headers["Server-Timing"] = (
            f"queue;dur={queue * 1000:.2f}, db;dur={page.seconds * 1000:.2f}, total;dur={total * 1000:.2f}"
        )
        if not page.large or request.method == hdrs.METH_HEAD or not answer.pieces:
            return small(request, answer)
        return await send(request, answer)

    async def _assemble(self, request: web.Request, query: EventsQuery, page: Page) -> Answer:
        shedding, gzip, known = self._polls.shedding.now, accepts_gzip(request), known_tags(request)
        if page.size <= _MOST_IN_LOOP:
            return assemble(query, page, shedding=shedding, gzip=gzip, known=known)
        # However many share a large page, there are threads left for others.
        async with page.turn:
            return await asyncio.to_thread(assemble, query, page, shedding=shedding, gzip=gzip, known=known)
