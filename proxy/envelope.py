"""What every answer has in common: its headers, and the one shape of errors."""

import logging
from collections.abc import Awaitable, Callable, MutableMapping

from aiohttp import hdrs, web

from proxy import problems, request_id, signpost
from proxy.cors import Cors
from proxy.hosts import HOSTS
from proxy.problems import Kind, Problem

logger = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CORS = web.AppKey("cors", Cors)

_RETRY_AFTER_SECONDS = "5"
# What a browser shows of an answer that is no page of ours runs and loads nothing, and stands in nobody's frame.
_POLICY = "default-src 'none'; frame-ancestors 'none'"


@web.middleware
async def problems_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns whatever is raised into a problem."""
    request_id.CURRENT.set(request_id.of(request))
    try:
        request.app[HOSTS].check(request)
        return await handler(request)
    except Problem as problem:
        return problem.response(request_id.CURRENT.get())
    except web.HTTPException as error:
        refusal = _from_router(error)
        if refusal.kind is Kind.NOT_FOUND and signpost.wanted(request):
            return signpost.not_found(request, request_id.CURRENT.get())
        return refusal.response(request_id.CURRENT.get())
    except Exception:
        logger.exception("The request failed")
        return Problem(Kind.INTERNAL_ERROR).response(request_id.CURRENT.get())


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Adds the headers of every answer, just before it is sent."""
    dress(response.headers, response.status, request, request.app[CORS])


def dress(headers: MutableMapping[str, str], status: int, request: web.BaseRequest, cors: Cors) -> None:
    """Adds the headers of every answer to those of the one for `request`."""
    if status == 503:
        headers["Retry-After"] = _RETRY_AFTER_SECONDS
    headers["X-Request-ID"] = request_id.CURRENT.get()
    # Else aiohttp names itself, Python and both versions.
    headers["Server"] = "session-events"
    headers["X-Content-Type-Options"] = "nosniff"
    headers.setdefault("Content-Security-Policy", _POLICY)
    cors.add(headers, request.headers.get("Origin"), preflight=request.method == hdrs.METH_OPTIONS)


def unreadable(reason: str) -> Problem:
    """What is no HTTP, or more of it than we read."""
    message = f"The request cannot be read: {reason}."
    return problems.invalid({"parameter": "request", "message": message})


def _from_router(error: web.HTTPException) -> Problem:
    """What the router and aiohttp refuse, in our shape."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        detail = f"{error.method} is not allowed here; allowed are {allowed}."
        return Problem(Kind.METHOD_NOT_ALLOWED, detail, headers={"Allow": allowed})
    if isinstance(error, web.HTTPNotFound):
        return Problem(Kind.NOT_FOUND)
    return unreadable(error.reason)
