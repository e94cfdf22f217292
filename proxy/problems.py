"""The one table of errors, and the one shape in which they leave (RFC 9457)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypedDict

from aiohttp import web


class Kind(Enum):
    """An error that a client may see: slug, status, title, and what to do where the error itself knows no better."""

    INVALID_REQUEST = ("invalid-request", 400, "Invalid request", "A parameter breaks a rule.")
    CURSOR_MALFORMED = ("cursor-malformed", 400, "Malformed cursor", "Start again without a cursor.")
    CURSOR_LOST = ("cursor-lost", 400, "Cursor of a lost history", "Start again without a cursor.")
    RESPONSE_TOO_LARGE = (
        "response-too-large",
        400,
        "Response too large",
        "The page is too large; ask with a smaller limit.",
    )
    UNAUTHORIZED = ("unauthorized", 401, "Unauthorized", "Send a valid API key in the header X-API-Key.")
    SESSION_NOT_FOUND = ("session-not-found", 404, "Session not found", "There is no such session.")
    NOT_FOUND = ("not-found", 404, "Not found", "There is nothing at this path; the API is described at /docs.")
    METHOD_NOT_ALLOWED = (
        "method-not-allowed",
        405,
        "Method not allowed",
        "Use one of the methods in the header Allow.",
    )
    INTERNAL_ERROR = ("internal-error", 500, "Internal error", "The server failed; its log has the request_id.")
    UNAVAILABLE = ("unavailable", 503, "Service unavailable", "The server cannot reach its data; try again soon.")
    OVERLOADED = ("overloaded", 503, "Overloaded", "More work is queued than can be served in time; try again soon.")
    BEHIND = ("behind", 503, "Behind", "This server lags behind the one that answered last; try again soon.")
    TIMEOUT = ("timeout", 504, "Timeout", "The answer did not come in time; try again, or ask for less.")

    def __init__(self, slug: str, status: int, title: str, detail: str) -> None:
        self.slug = slug
        self.status = status
        self.title = title
        self.detail = detail


# Which error an answer is.
PROBLEM = web.ResponseKey("problem", Kind)


class Fault(TypedDict):
    """What is wrong with one parameter."""

    parameter: str
    message: str


@dataclass
class Problem(Exception):  # noqa: N818 - the term of RFC 9457
    """An error on its way to the client.

    `errors` names every faulty parameter of a 400; `largest_limit` is what would fit where a page is too large.
    """

    kind: Kind
    detail: str = ""
    errors: tuple[Fault, ...] = ()
    headers: Mapping[str, str] | None = None
    largest_limit: int | None = None

    def response(self, request_id: str) -> web.Response:
        """The error as application/problem+json."""
        body: dict[str, object] = {
            "type": f"/docs#problem-{self.kind.slug}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail or self.kind.detail,
            "request_id": request_id,
        }
        if self.kind.status == 400:
            body["errors"] = self.errors
        if self.kind is Kind.RESPONSE_TOO_LARGE:
            body["largest_limit"] = self.largest_limit
        response = web.Response(
            status=self.kind.status,
            body=json.dumps(body, ensure_ascii=False).encode(),
            content_type="application/problem+json",
            headers={"Cache-Control": "no-store", **(self.headers or {})},
        )
        response[PROBLEM] = self.kind
        return response


def invalid(*faults: Fault) -> Problem:
    """A 400 that names all faults at once."""
    return Problem(Kind.INVALID_REQUEST, " ".join(fault["message"] for fault in faults), faults)


def about(kind: Kind, parameter: str, detail: str, *, largest_limit: int | None = None) -> Problem:
    """A 400 of a kind of its own, for one parameter."""
    return Problem(kind, detail, ({"parameter": parameter, "message": detail},), largest_limit=largest_limit)
