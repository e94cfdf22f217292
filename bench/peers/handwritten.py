"""The endpoint as a good developer writes it by hand: aiohttp, psycopg, parameterised SQL, JSON by Python.

`python -m bench.peers.handwritten` serves DATABASE_URL on a free loopback port and prints where. It gives the product's
events. It has no cursor, no ETag, no compression, no limit on bytes, no queue, and its total and items may disagree.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from aiohttp import web
from psycopg.rows import dict_row

from bench.peers import CONNECTIONS
from bench.peers.pagination import pagination
from bench.peers.serving import serve

PATH = "/api/v2/sessions/{session_id}/events"

Row = dict[str, Any]
Connection = psycopg.AsyncConnection[Row]


class Pool:
    """Open connections, each lent to one request at a time."""

    def __init__(self) -> None:
        self._idle: asyncio.Queue[Connection] = asyncio.Queue()

    async def open(self, dsn: str) -> None:
        """Connects."""
        for _ in range(CONNECTIONS):
            connection = await psycopg.AsyncConnection.connect(dsn, autocommit=True, row_factory=dict_row)
            self._idle.put_nowait(connection)

    async def close(self) -> None:
        """Closes the connections that are not lent."""
        while not self._idle.empty():
            await self._idle.get_nowait().close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Waits for one."""
        connection = await self._idle.get()
        try:
            yield connection
        finally:
            self._idle.put_nowait(connection)


_POOL = web.AppKey("pool", Pool)


async def events(request: web.Request) -> web.Response:
    """One page of a session's events."""
    try:
        session_id = UUID(request.match_info["session_id"])
        limit = min(int(request.query.get("limit", "100")), 1000)
        page = int(request.query.get("page", "1"))
        since = request.query.get("since")
        moment = None if since is None else datetime.fromisoformat(since)
    except ValueError as error:
        return web.json_response({"detail": str(error)}, status=400)
    async with request.app[_POOL].connection() as connection:
        found = await _page(connection, session_id, moment, request.query.get("event_type"), limit, page)
    if found is None:
        return web.json_response({"detail": f"Session not found: {session_id}"}, status=404)
    total, items = found
    body = {
        "items": items,
        "pagination": pagination(page=page, limit=limit, total=total, returned=len(items)),
        "timestamp": _iso(datetime.now(UTC)),
    }
    return web.Response(text=json.dumps(body), content_type="application/json")


async def _page(
    connection: Connection, session_id: UUID, since: datetime | None, event_type: str | None, limit: int, page: int
) -> tuple[int, list[Row]] | None:
    """The total and the items, or None where there is no such session."""
    found = await connection.execute("select 1 from sessions where id = %(session_id)s", {"session_id": session_id})
    if await found.fetchone() is None:
        return None
    # Only the conditions that are asked for, so that the planner sees plain ones.
    where = "where session_id = %(session_id)s"
    where += "" if since is None else ' and "timestamp" > %(since)s'
    where += "" if event_type is None else " and event_type = %(event_type)s"
    arguments = {
        "session_id": session_id,
        "since": since,
        "event_type": event_type,
        "limit": limit,
        "offset": (page - 1) * limit,
    }
    counted = await connection.execute(f"select count(*) as total from events {where}", arguments)  # noqa: S608
    total = await counted.fetchone()
    rows = await connection.execute(
        'select id, session_id, step_id, event_type, "timestamp", message, event_data'  # noqa: S608
        f' from events {where} order by "timestamp" desc, id desc limit %(limit)s offset %(offset)s',
        arguments,
    )
    return (total or {"total": 0})["total"], [_item(row) for row in await rows.fetchall()]


def _item(row: Row) -> Row:
    step_id = row["step_id"]
    return row | {
        "id": str(row["id"]),
        "session_id": str(row["session_id"]),
        "step_id": None if step_id is None else str(step_id),
        "timestamp": _iso(row["timestamp"]),
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


async def _database(app: web.Application) -> AsyncIterator[None]:
    app[_POOL] = Pool()
    await app[_POOL].open(os.environ["DATABASE_URL"])
    yield
    await app[_POOL].close()


if __name__ == "__main__":
    application = web.Application()
    application.cleanup_ctx.append(_database)
    application.router.add_get(PATH, events)
    serve(application, "handwritten")
