"""The pages for people: `/`, `/sessions/{session_id}` and what they load from `/static/`.

They are files, the same for everybody: whatever a page shows, its script asks the public endpoint for.
"""

import hashlib
import zlib
from functools import partial
from pathlib import Path
from typing import NamedTuple

from aiohttp import web

_STATIC = Path(__file__).with_name("static")
_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_PAGES = {"/": "index.html", "/sessions/{session_id}": "session.html"}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding",
}


class File(NamedTuple):
    """What a path answers, made ready once."""

    body: bytes
    gzip: bytes
    content_type: str
    etag: str


def add_routes(app: web.Application) -> None:
    """Serves the pages and the files beside them.

    Raises:
        OSError: a file of ours is missing.
    """
    files = {path.name: _read(path) for path in sorted(_STATIC.iterdir()) if path.suffix in _CONTENT_TYPES}
    for path, name in _PAGES.items():
        app.router.add_get(path, partial(_serve, files.pop(name)))
    for name, file in files.items():
        app.router.add_get(f"/static/{name}", partial(_serve, file))


def _read(path: Path) -> File:
    body = path.read_bytes()
    digest = hashlib.blake2b(body, digest_size=16).hexdigest()
    return File(body, zlib.compress(body, wbits=31), _CONTENT_TYPES[path.suffix], digest)


async def _serve(file: File, request: web.Request) -> web.Response:
    """The file, or 304 where the client has it already."""
    headers = {**_HEADERS, "Content-Type": file.content_type, "ETag": f'W/"{file.etag}"'}
    if any(tag.value == file.etag for tag in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        return web.Response(body=file.gzip, headers={**headers, "Content-Encoding": "gzip"})
    return web.Response(body=file.body, headers=headers)
