"""The pages for people: `/`, `/sessions/{session_id}` and what they load from `/static/`.

They are files, the same for everybody: whatever a page shows, its script asks the public endpoint for.
"""

from pathlib import Path

from aiohttp import web

from proxy.documents import add_file

_STATIC = Path(__file__).with_name("static")
_FOLDERS = ("page", "poller")
_PAGES = {"page/index.html": "/", "page/session.html": "/sessions/{session_id}"}


def add_routes(app: web.Application) -> None:
    """Serves the pages and the files beside them.

    Raises:
        OSError: a file of ours is missing.
    """
    for folder in _FOLDERS:
        for file in sorted(path for path in (_STATIC / folder).rglob("*") if path.is_file()):
            name = file.relative_to(_STATIC).as_posix()
            add_file(app, _PAGES.get(name, f"/static/{name}"), file)
