"""What is noted of every request: its numbers, and a line in the log where these are wanted."""

import logging
import random
import time

from aiohttp import hdrs, web

from proxy.envelope import Handler
from proxy.metrics import Metrics
from proxy.problems import PROBLEM
from proxy.query import EventsQuery

logger = logging.getLogger(__name__)

# What somebody may want to look into stands in the log (`make explain REQUEST=…`).
_SLOW_SECONDS = 1.0

# What a request for events asks, once that was checked.
QUERY = web.RequestKey("query", EventsQuery)


class Observer:
    """Counts every request; logs those that took long, and of the others a `share`, from 0 (none) to 1 (all)."""

    def __init__(self, metrics: Metrics, share: float) -> None:
        self._metrics = metrics
        self._share = share
        self._in_flight = 0

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Notes the request, and whatever it is answered with."""
        started = time.perf_counter()
        self._count_in_flight(1)
        try:
            response = await handler(request)
        finally:
            self._count_in_flight(-1)
        self.note(request, response, request.match_info.route.resource, time.perf_counter() - started)
        return response

    def note(
        self,
        request: web.BaseRequest,
        response: web.StreamResponse,
        resource: web.AbstractResource | None = None,
        seconds: float = 0.0,
    ) -> None:
        """Notes an answer, by which of our resources, if one, and that it took so long."""
        query = request.get(QUERY)
        kind = query.kind if query else "other"
        size = 0 if request.method == hdrs.METH_HEAD else response.content_length or 0
        self._metrics.requests.add(kind, response.status)
        self._metrics.request_seconds.observe(seconds, kind)
        self._metrics.response_bytes.add(amount=size)
        problem = response.get(PROBLEM) if response.status >= 400 else None
        if problem:
            self._metrics.problems.add(problem.slug)
        if _is_of_note(response.status, seconds) or random.random() < self._share:  # noqa: S311  nothing secret
            fields = {
                "method": request.method,
                # With a name where an id stands: what a client wrote may hold what no log should.
                "path": resource.canonical if resource else None,
                "kind": kind,
                "session": query.session_id if query else None,
                "status": response.status,
                "problem": problem.slug if problem else None,
                "milliseconds": round(seconds * 1000, 2),
                "bytes": size,
            }
            logger.info(
                "Answered", extra={"fields": {name: value for name, value in fields.items() if value is not None}}
            )

    def _count_in_flight(self, more: int) -> None:
        self._in_flight += more
        self._metrics.in_flight.set(self._in_flight)


def _is_of_note(status: int, seconds: float) -> bool:
    # 503 comes by the thousand, just when there is no time to write, and the call that failed has its line already.
    return status != 503 and (status >= 500 or seconds >= _SLOW_SECONDS)


OBSERVER = web.AppKey("observer", Observer)
