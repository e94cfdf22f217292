"""The documentation: /openapi.json, and /docs, which shows it with Swagger UI."""

import json
from pathlib import Path

import yaml
from aiohttp import web

from proxy.documents import add_document, add_file

_OPENAPI = Path(__file__).with_name("openapi.yaml")
_STATIC = Path(__file__).parent / "static" / "docs"


def add_routes(app: web.Application) -> None:
    """Serves the documentation and everything that it loads.

    Raises:
        OSError, yaml.YAMLError: a file of ours is missing or broken.
    """
    specification = yaml.load(_OPENAPI.read_bytes(), Loader=yaml.CSafeLoader)
    openapi = json.dumps(specification, ensure_ascii=False).encode()
    add_document(app, "/openapi.json", openapi, "application/json", {})
    add_file(app, "/docs", _STATIC / "index.html")
    for file in sorted(path for path in _STATIC.rglob("*") if path.is_file()):
        add_file(app, f"/docs/{file.relative_to(_STATIC).as_posix()}", file)
