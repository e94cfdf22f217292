"""The pages for people, the documentation, and what they load.

They are files, the same for everybody: whatever a page shows, its script asks the public endpoint for.
"""

import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from proxy.negotiation import accepts_gzip, known_tags, matches

_OPENAPI = Path(__file__).with_name("openapi.yaml")
STATIC = Path(__file__).with_name("static")
_PAGES = {
    "docs/index.html": "/docs",
    "page/index.html": "/",
    "page/session.html": "/sessions/{session_id}",
}
# Only files of these kinds are served; licences without a suffix, and what is filled in first, are not.
_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
BASE_PATH = web.AppKey("base_path", str)
_LINK = re.compile(rb'\b(href|src|action)="/')
FILE_HEADERS = {
    # No inline script and no inline style; Swagger UI's icons are data: images.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    # A session's id does not leak to linked sites.
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True)
class Document:
    """What a path answers, made ready once; `etag` is a weak one, since `compressed` (gzip) has it too."""

    body: bytes
    compressed: bytes
    etag: str
    headers: Mapping[str, str]


@cache
def specification() -> dict[str, Any]:
    """The OpenAPI document.

    Raises:
        OSError, yaml.YAMLError: it is missing or broken.
    """
    loaded: dict[str, Any] = yaml.load(_OPENAPI.read_bytes(), Loader=yaml.CSafeLoader)
    return loaded


def add_routes(app: web.Application, base_path: str = "") -> None:
    """Serves the OpenAPI document and every file below `static`; what they link to is below `base_path`.

    Raises:
        OSError, yaml.YAMLError: a file of ours is missing or broken.
    """
    app[BASE_PATH] = base_path
    described = json.dumps(specification() | _servers(base_path), ensure_ascii=False).encode()
    _add(app, "/openapi.json", described, "application/json", {})
    for file in sorted(STATIC.rglob("*")):
        if content_type := _CONTENT_TYPES.get(file.suffix):
            name = file.relative_to(STATIC).as_posix()
            path = f"/{name}" if name.startswith("docs/") else f"/static/{name}"
            body = file.read_bytes()
            if file.suffix == ".html":
                body = below(base_path, body)
            _add(app, _PAGES.get(name, path), body, content_type, FILE_HEADERS)


def below(base_path: str, html: bytes) -> bytes:
    """A page whose links lead to what is below a path."""
    return _LINK.sub(rf'\1="{base_path}/'.encode(), html)


def _servers(base_path: str) -> dict[str, Any]:
    """Where the document says that its paths begin."""
    return {"servers": [{**server, "url": base_path or server["url"]} for server in specification()["servers"]]}


def _add(app: web.Application, path: str, body: bytes, content_type: str, headers: Mapping[str, str]) -> None:
    """Serves a body at a path to GET and HEAD, compressed where the client can read it."""
    etag = f'W/"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
    headers = {
        "Content-Type": content_type,
        "ETag": etag,
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
        **headers,
    }
    app.router.add_get(path, partial(_serve, Document(body, zlib.compress(body, wbits=31), etag, headers)))


async def _serve(document: Document, request: web.Request) -> web.Response:
    """The document, or 304 where the client has it already."""
    if matches(known_tags(request), document.etag):
        return web.Response(status=304, headers=document.headers)
    if accepts_gzip(request):
        return web.Response(body=document.compressed, headers={**document.headers, "Content-Encoding": "gzip"})
    return web.Response(body=document.body, headers=document.headers)
