"""The pages for people: `/`, `/sessions/{session_id}` and what they load from `/static/`.

They are files, the same for everybody: whatever a page shows, its script asks the public endpoint for.
"""

from pathlib import Path

from aiohttp import web

from proxy.documents import add_file

_STATIC = Path(__file__).with_name("static")
_PAGES = {"index.html": "/", "session.html": "/sessions/{session_id}"}


def add_routes(app: web.Application) -> None:
    """Serves the pages and the files beside them.

    Raises:
        OSError: a file of ours is missing.
    """
    for file in sorted(path for path in _STATIC.iterdir() if path.is_file()):
        add_file(app, _PAGES.get(file.name, f"/static/{file.name}"), file)
