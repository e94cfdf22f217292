"""The application: routes, and what every answer has in common."""

import asyncio
import logging
import re
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from proxy import docs, pages, problems
from proxy import request as events_request
from proxy.access import Access
from proxy.admission import Admission
from proxy.postgrest import PostgREST
from proxy.problems import Kind, Problem
from proxy.response import events_response
from proxy.settings import Settings

logger = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

EVENTS_PATH = "/api/v2/sessions/{session_id}/events"
HEALTH_PATH = "/health"
# PostgREST's pool (postgrest.conf): more at once would only wait there.
_CONCURRENCY = 10
# Health checks do not queue behind polls.
_CONNECTIONS = _CONCURRENCY + 2
_RETRY_AFTER_SECONDS = "5"
_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_NO_SESSION = str(uuid.UUID(int=0))

SETTINGS = web.AppKey("settings", Settings)
POSTGREST = web.AppKey("postgrest", PostgREST)
ADMISSION = web.AppKey("admission", Admission)
ACCESS = web.AppKey("access", Access)


def create_app(settings: Settings) -> web.Application:
    """The proxy as an aiohttp application; nothing is opened before it starts."""
    app = web.Application(middlewares=[_envelope])
    app[SETTINGS] = settings
    app[ACCESS] = Access(settings.api_keys)
    app.cleanup_ctx.append(_connections)
    app.router.add_get(EVENTS_PATH, _session_events)
    app.router.add_options(EVENTS_PATH, _preflight)
    app.router.add_get(HEALTH_PATH, _health)
    docs.add_routes(app)
    pages.add_routes(app)
    return app


async def _connections(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS]
    app[ADMISSION] = Admission(_CONCURRENCY)
    app[POSTGREST] = PostgREST(
        settings.postgrest_url, connections=_CONNECTIONS, max_response_bytes=settings.max_response_bytes
    )
    yield
    await app[POSTGREST].close()


async def _session_events(request: web.Request) -> web.Response:
    started = time.perf_counter()
    app = request.app
    app[ACCESS].check(request)
    query = events_request.parse(request.match_info["session_id"], request.rel_url.raw_query_string)
    admission = app[ADMISSION]
    async with _time_limit(app[SETTINGS].request_timeout), admission.slot():
        waited = time.perf_counter()
        page = await app[POSTGREST].session_events(query)
    response = await events_response(request, query, page, shedding=admission.shedding)
    spans = {"queue": waited - started, "db": page.seconds, "total": time.perf_counter() - started}
    response.headers["Server-Timing"] = ", ".join(f"{name};dur={span * 1000:.2f}" for name, span in spans.items())
    return response


async def _health(request: web.Request) -> web.Response:
    """Asks for a session that cannot exist: only the whole way to the table can tell that there is none."""
    try:
        async with _time_limit(request.app[SETTINGS].request_timeout):
            await request.app[POSTGREST].session_events(events_request.EventsQuery(_NO_SESSION))
    except Problem as problem:
        if problem.kind is not Kind.SESSION_NOT_FOUND:
            raise
    return web.json_response({"status": "ok"}, headers={"Cache-Control": "no-store"})


async def _preflight(_request: web.Request) -> web.Response:
    return web.Response(
        status=204,
        headers={
            "Allow": "GET, HEAD, OPTIONS",
            "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
            "Access-Control-Allow-Headers": "X-API-Key, X-Request-ID, If-None-Match",
            "Access-Control-Max-Age": "86400",
        },
    )


@asynccontextmanager
async def _time_limit(seconds: float) -> AsyncIterator[None]:
    """Asyncio's timeout, ending in the client's 504."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise Problem(Kind.TIMEOUT) from None


@web.middleware
async def _envelope(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Gives every answer its request id and its CORS headers, and every error its one shape."""
    sent = request.headers.get("X-Request-ID", "")
    request_id = sent if _SANE_REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex
    try:
        response = await handler(request)
    except Problem as problem:
        response = problem.response(request_id)
    except web.HTTPException as error:
        response = _from_router(error).response(request_id)
    except Exception:
        logger.exception("request %s failed", request_id)
        response = Problem(Kind.INTERNAL_ERROR).response(request_id)
    if response.status == 503:
        response.headers["Retry-After"] = _RETRY_AFTER_SECONDS
    response.headers["X-Request-ID"] = request_id
    # Else aiohttp names itself, Python and both versions.
    response.headers["Server"] = "session-events"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Access-Control-Allow-Origin"] = request.app[SETTINGS].cors_allow_origin
    response.headers["Access-Control-Expose-Headers"] = (
        "ETag, Retry-After, Server-Timing, X-Poll-Interval, X-Request-ID"
    )
    return response


def _from_router(error: web.HTTPException) -> Problem:
    """What the router and aiohttp refuse, in our shape."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        return Problem(
            Kind.METHOD_NOT_ALLOWED,
            f"{error.method} is not allowed here; allowed are {allowed}.",
            headers={"Allow": allowed},
        )
    if isinstance(error, web.HTTPNotFound):
        return Problem(Kind.NOT_FOUND)
    return problems.invalid({"parameter": "request", "message": f"The request cannot be read: {error.reason}."})
