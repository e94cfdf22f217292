"""What aiohttp can do at all: the same answer to every request, as long as that of a poll that finds nothing new.

`python -m bench.peers.constant` serves it on a free loopback port and prints where.
"""

from aiohttp import web

from bench.peers.serving import serve

_ANSWER = (
    b'{"items":[],"pagination":{"page":1,"per_page":100,"total":0,"total_pages":0,"has_next":false,"has_prev":false,'
    b'"returned":0,"next":null},"session":{"status":"in_progress","ended":false,"session_type":"unit_tests",'
    b'"project_path":"/srv/shop","created_at":"2026-01-13T14:30:00.000000Z","completed_at":null},'
    b'"timestamp":"2026-01-13T14:30:00.000000Z","cursor":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}'
)


async def _answer(_request: web.Request) -> web.Response:
    return web.Response(body=_ANSWER, content_type="application/json")


if __name__ == "__main__":
    app = web.Application()
    app.router.add_get("/{path:.*}", _answer)
    serve(app, "constant")
