"""The pages for people: `/`, `/sessions/{session_id}` and what they load from `/static/`.

They are files, the same for everybody: whatever a page shows, its script asks the public endpoint for.
"""

from pathlib import Path

from aiohttp import web

from proxy.documents import add_document

_STATIC = Path(__file__).with_name("static")
_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_PAGES = {"index.html": "/", "session.html": "/sessions/{session_id}"}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}


def add_routes(app: web.Application) -> None:
    """Serves the pages and the files beside them.

    Raises:
        OSError: a file of ours is missing.
    """
    for path in sorted(_STATIC.iterdir()):
        if content_type := _CONTENT_TYPES.get(path.suffix):
            add_document(app, _PAGES.get(path.name, f"/static/{path.name}"), path.read_bytes(), content_type, _HEADERS)
