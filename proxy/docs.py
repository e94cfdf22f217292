"""The documentation: /openapi.json, and /docs, which shows it with Swagger UI."""

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import yaml
from aiohttp import web

from proxy.response import _accepts_gzip, _matches

_OPENAPI = Path(__file__).with_name("openapi.yaml")
_STATIC = Path(__file__).parent / "static" / "docs"
_PAGE = "index.html"
# Only files of these kinds are served; licences without a suffix are for readers of the repository.
_CONTENT_TYPES = {".css": "text/css", ".js": "text/javascript", ".png": "image/png", ".txt": "text/plain"}

_PAGE_HEADERS = {
    # Swagger UI's icons are data: images; it needs no inline script and no inline style.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    # A session's id does not leak to linked sites.
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True)
class Document:
    """What a path answers, made ready once; `etag` is a weak one, since `compressed` (gzip) has it too."""

    body: bytes
    compressed: bytes
    content_type: str
    etag: str
    headers: Mapping[str, str]


def add_routes(app: web.Application) -> None:
    """Serves the documentation and everything that it loads.

    Raises:
        OSError, yaml.YAMLError: a file of ours is missing or broken.
    """
    for path, document in _documents():
        app.router.add_get(path, partial(_serve, document))


def _documents() -> Iterator[tuple[str, Document]]:
    specification = yaml.load(_OPENAPI.read_bytes(), Loader=yaml.CSafeLoader)
    yield "/openapi.json", _document(json.dumps(specification, ensure_ascii=False).encode(), "application/json", {})
    yield "/docs", _document((_STATIC / _PAGE).read_bytes(), "text/html")
    for file in sorted(_STATIC.rglob("*")):
        if content_type := _CONTENT_TYPES.get(file.suffix):
            yield f"/docs/{file.relative_to(_STATIC).as_posix()}", _document(file.read_bytes(), content_type)


def _document(body: bytes, content_type: str, headers: Mapping[str, str] = _PAGE_HEADERS) -> Document:
    digest = hashlib.blake2b(body, digest_size=16).hexdigest()
    return Document(body, zlib.compress(body, wbits=31), content_type, f'W/"{digest}"', headers)


async def _serve(document: Document, request: web.Request) -> web.Response:
    """The document, or 304 where the client has it already."""
    headers = {"ETag": document.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding", **document.headers}
    if _matches(request.headers.get("If-None-Match", ""), document.etag):
        return web.Response(status=304, headers=headers)
    body = document.body
    if _accepts_gzip(request.headers.get("Accept-Encoding", "")):
        body = document.compressed
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=body, content_type=document.content_type, charset=_charset(document), headers=headers)


def _charset(document: Document) -> str | None:
    return "utf-8" if document.content_type.startswith("text/") else None
