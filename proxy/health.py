"""GET /live, GET /ready and its older name /health."""

import asyncio
import uuid

from aiohttp import web

from proxy.postgrest import PostgREST
from proxy.problems import Kind, Problem
from proxy.query import EventsQuery
from proxy.time_limit import time_limit

LIVE = "/live"
READY = ("/ready", "/health")

# Everyone may ask, so asking often must cost no more than asking once.
_SECONDS_KEPT = 1.0
# A monitor does not wait longer.
_MOST_SECONDS = 2.0
_NO_SESSION = EventsQuery(str(uuid.UUID(int=0)))


async def live(_request: web.Request) -> web.Response:
    """200: the process answers. Whoever restarts it on anything else must not do so because the database is away."""
    return _ok()


class Health:
    """Whether the whole way to the tables works; all who ask at the same time share one check."""

    def __init__(self, postgrest: PostgREST, request_timeout: float) -> None:
        self._postgrest = postgrest
        self._seconds = min(_MOST_SECONDS, request_timeout)
        self._checking: asyncio.Task[bool] | None = None
        self._began = float("-inf")

    async def get(self, _request: web.Request) -> web.Response:
        """200 if the way works.

        Raises:
            Problem: unavailable.
        """
        # One who hangs up must not end the check for the others.
        if not await asyncio.shield(self.check(asyncio.get_running_loop().time() - _SECONDS_KEPT)):
            raise Problem(Kind.UNAVAILABLE)
        return _ok()

    def check(self, since: float) -> asyncio.Task[bool]:
        """The check under way, else the last if it began after `since` (a time of the loop), else a new one."""
        if self._checking is None or (self._checking.done() and self._began < since):
            self._began = asyncio.get_running_loop().time()
            self._checking = asyncio.create_task(self._check())
        return self._checking

    async def _check(self) -> bool:
        """Asks for a session that cannot exist: only the whole way to the table can tell that there is none."""
        try:
            async with time_limit(self._seconds):
                answer = await self._postgrest.answer_alone(_NO_SESSION)
        except Problem:
            return False
        return isinstance(answer, Problem) and answer.kind is Kind.SESSION_NOT_FOUND


def _ok() -> web.Response:
    return web.json_response({"status": "ok"}, headers={"Cache-Control": "no-store"})
