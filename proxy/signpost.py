"""Tells somebody at a browser where to go from an address at which there is nothing; programs get a problem."""

import re
from html import escape
from string import Template
from urllib.parse import unquote

from aiohttp import hdrs, web

from proxy.problems import PROBLEM, Kind
from proxy.site import BASE_PATH, FILE_HEADERS, STATIC, below

_PAGE = Template((STATIC / "page" / "not-found.template").read_text(encoding="utf-8"))
_SESSION_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LONGEST_PATH = 200


def wanted(request: web.BaseRequest) -> bool:
    """Whether a person asks: browsers name text/html first, programs do not."""
    first = request.headers.get(hdrs.ACCEPT, "").partition(",")[0]
    return request.method in {hdrs.METH_GET, hdrs.METH_HEAD} and first.strip().startswith("text/html")


def not_found(request: web.Request, request_id: str) -> web.Response:
    """The page in place of the problem `not-found`."""
    links = "\n".join(f'          <li><a href="{url}">{words}</a></li>' for url, words in _ways(request.path).items())
    body = _PAGE.substitute(path=escape(unquote(request.path)[:_LONGEST_PATH]), links=links, request_id=request_id)
    response = web.Response(
        status=Kind.NOT_FOUND.status,
        body=below(request.app[BASE_PATH], body.encode(errors="replace")),
        headers={**FILE_HEADERS, "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"},
    )
    response[PROBLEM] = Kind.NOT_FOUND
    return response


def _ways(path: str) -> dict[str, str]:
    """Addresses that are meant perhaps, and what is there."""
    ways = {"/": "Open a session", "/docs": "Documentation of the API"}
    if found := _SESSION_ID.search(path):
        session_id = found.group().lower()
        of_session = {
            f"/sessions/{session_id}": f"The page of session {session_id}",
            f"/api/v2/sessions/{session_id}/events": "Its events, as JSON (without a slash at the end)",
        }
        return {**of_session, **ways}
    return ways
