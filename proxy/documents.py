"""Answers that never change while the proxy runs: pages, scripts, the OpenAPI document."""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from proxy.negotiation import accepts_gzip, matches


@dataclass(frozen=True)
class Document:
    """What a path answers, made ready once; `etag` is a weak one, since `compressed` (gzip) has it too."""

    body: bytes
    compressed: bytes
    etag: str
    headers: Mapping[str, str]


def add_document(app: web.Application, path: str, body: bytes, content_type: str, headers: Mapping[str, str]) -> None:
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
    if matches(request, document.etag):
        return web.Response(status=304, headers=document.headers)
    if accepts_gzip(request):
        return web.Response(body=document.compressed, headers={**document.headers, "Content-Encoding": "gzip"})
    return web.Response(body=document.body, headers=document.headers)
