"""GET /live, GET /ready and its older name /health."""

import asyncio
import uuid

from aiohttp import web

from proxy.postgrest import PostgREST, Way
from proxy.problems import Kind, Problem
from proxy.query import EventsQuery

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

    def __init__(self, postgrest: PostgREST) -> None:
        self._postgrest = postgrest
        self._checking: asyncio.Task[bool] | None = None
        self._began = float("-inf")

    async def get(self, _request: web.Request) -> web.Response:
        """200 if the way works.

        Raises:
            Problem: unavailable.
        """
        # One who hangs up must not end the check for the others.
        if not await asyncio.shield(self._last_check()):
            raise Problem(Kind.UNAVAILABLE)
        return _ok()

    def _last_check(self) -> asyncio.Task[bool]:
        """The check under way, else the last if it is new enough, else a new one."""
        now = asyncio.get_running_loop().time()
        if self._checking is None or (self._checking.done() and self._began < now - _SECONDS_KEPT):
            self._began = now
            self._checking = asyncio.create_task(self._check())
        return self._checking

    async def _check(self) -> bool:
        """Asks for a session that cannot exist: only the whole way to the table can tell that there is none."""
        try:
            async with asyncio.timeout(_MOST_SECONDS):
                answer = await self._postgrest.answer_alone(_NO_SESSION, Way.ALONE)
        except (Problem, TimeoutError):
            return False
        return isinstance(answer, Problem) and answer.kind is Kind.SESSION_NOT_FOUND


def _ok() -> web.Response:
    return web.json_response({"status": "ok"}, headers={"Cache-Control": "no-store"})
