"""What every answer has in common: its headers, and the one shape of errors."""

import logging
import os
import re
from collections.abc import Awaitable, Callable

from aiohttp import web

from proxy import problems
from proxy.problems import Kind, Problem
from proxy.settings import Settings

logger = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SETTINGS = web.AppKey("settings", Settings)

_REQUEST_ID = "request_id"
_RETRY_AFTER_SECONDS = "5"
_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


@web.middleware
async def problems_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns whatever is raised into a problem."""
    request[_REQUEST_ID] = request_id = _request_id(request)
    try:
        return await handler(request)
    except Problem as problem:
        return problem.response(request_id)
    except web.HTTPException as error:
        return _from_router(error).response(request_id)
    except Exception:
        logger.exception("request %s failed", request_id)
        return Problem(Kind.INTERNAL_ERROR).response(request_id)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Adds the headers of every answer, just before it is sent."""
    dress(response, request[_REQUEST_ID], request.app[SETTINGS].cors_allow_origin)


def dress(response: web.StreamResponse, request_id: str, cors_allow_origin: str) -> None:
    """The headers of every answer."""
    if response.status == 503:
        response.headers["Retry-After"] = _RETRY_AFTER_SECONDS
    response.headers["X-Request-ID"] = request_id
    # Else aiohttp names itself, Python and both versions.
    response.headers["Server"] = "session-events"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Access-Control-Allow-Origin"] = cors_allow_origin
    response.headers["Access-Control-Expose-Headers"] = (
        "ETag, Retry-After, Server-Timing, X-Poll-Interval, X-Request-ID"
    )


def unreadable(reason: str) -> Problem:
    """What is no HTTP, or more of it than we read."""
    message = f"The request cannot be read: {reason}."
    return problems.invalid({"parameter": "request", "message": message})


def new_request_id() -> str:
    """A request id of our own."""
    return os.urandom(16).hex()


def _request_id(request: web.BaseRequest) -> str:
    sent = request.headers.get("X-Request-ID", "")
    return sent if _SANE_REQUEST_ID.fullmatch(sent) else new_request_id()


def _from_router(error: web.HTTPException) -> Problem:
    """What the router and aiohttp refuse, in our shape."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        detail = f"{error.method} is not allowed here; allowed are {allowed}."
        return Problem(Kind.METHOD_NOT_ALLOWED, detail, headers={"Allow": allowed})
    if isinstance(error, web.HTTPNotFound):
        return Problem(Kind.NOT_FOUND)
    return unreadable(error.reason)
