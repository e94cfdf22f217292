"""The documentation: /openapi.json, and /docs, which shows it with Swagger UI."""

import json
from pathlib import Path

import yaml
from aiohttp import web

from proxy.documents import add_document

_OPENAPI = Path(__file__).with_name("openapi.yaml")
_STATIC = Path(__file__).parent / "static" / "docs"
_PAGE = "index.html"
# Only files of these kinds are served; licences without a suffix are for readers of the repository.
_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
}

_PAGE_HEADERS = {
    # Swagger UI's icons are data: images; it needs no inline script and no inline style.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    # A session's id does not leak to linked sites.
    "Referrer-Policy": "no-referrer",
}


def add_routes(app: web.Application) -> None:
    """Serves the documentation and everything that it loads.

    Raises:
        OSError, yaml.YAMLError: a file of ours is missing or broken.
    """
    specification = yaml.load(_OPENAPI.read_bytes(), Loader=yaml.CSafeLoader)
    openapi = json.dumps(specification, ensure_ascii=False).encode()
    add_document(app, "/openapi.json", openapi, "application/json", {})
    add_document(app, "/docs", (_STATIC / _PAGE).read_bytes(), "text/html; charset=utf-8", _PAGE_HEADERS)
    for file in sorted(_STATIC.rglob("*")):
        if content_type := _CONTENT_TYPES.get(file.suffix):
            add_document(
                app, f"/docs/{file.relative_to(_STATIC).as_posix()}", file.read_bytes(), content_type, _PAGE_HEADERS
            )
