"""The endpoint as a good developer makes it lean: FastAPI, asyncpg, one SQL round trip, JSON by orjson.

`python -m bench.peers.lean` serves DATABASE_URL on a free loopback port and prints where; it runs on the packages of
requirements/bench.txt. It gives the product's events. Like the hand-written endpoint it has no
cursor, no ETag, no compression, no limit on bytes and no queue; its total and items come from one statement.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import asyncpg  # type: ignore[import-not-found]
import orjson  # type: ignore[import-not-found]
import uvicorn  # type: ignore[import-not-found]
from fastapi import FastAPI, HTTPException, Query, Request, Response  # type: ignore[import-not-found]
from uvloop import new_event_loop

from bench.peers import CONNECTIONS
from bench.peers.pagination import pagination

_PATH = "/api/v2/sessions/{session_id}/events"


@asynccontextmanager
async def _database(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=CONNECTIONS, max_size=CONNECTIONS) as pool:
        app.state.pool = pool
        yield


async def events(
    request: Request,
    session_id: UUID,
    since: datetime | None = None,
    event_type: str | None = None,
    limit: Annotated[int, Query(ge=1)] = 100,
    page: Annotated[int, Query(ge=1)] = 1,
) -> Response:
    """One page of a session's events."""
    limit = min(limit, 1000)
    filters = {'"timestamp" >': since, "event_type =": event_type}
    given: dict[str, object] = {condition: value for condition, value in filters.items() if value is not None}
    found = await request.app.state.pool.fetch(
        _statement(given), session_id, limit, (page - 1) * limit, *given.values()
    )
    if not found:
        raise HTTPException(404, f"Session not found: {session_id}")
    total = found[0]["total"]
    items = [_item(row) for row in found if row["id"] is not None]
    body = {
        "items": items,
        "pagination": pagination(page=page, limit=limit, total=total, returned=len(items)),
        "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    return Response(orjson.dumps(body), media_type="application/json")


def _statement(conditions: dict[str, object]) -> str:
    """One row where the session has no such event, none where there is no such session; plain conditions only."""
    where = "e.session_id = $1" + "".join(f" and e.{text} ${n}" for n, text in enumerate(conditions, start=4))
    return f"""
        select counted.total, page.*
        from sessions as s
        cross join (select count(*) as total from events as e where {where}) as counted
        left join (
            select
                e.id::text, e.session_id::text, e.step_id::text, e.event_type,
                to_char(e."timestamp" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "timestamp",
                e.message, e.event_data
            from events as e where {where} order by e."timestamp" desc, e.id desc limit $2 offset $3
        ) as page on true
        where s.id = $1
    """  # noqa: S608  nothing of the request stands in it


def _item(row: asyncpg.Record) -> dict[str, object]:
    return {
        "id": row["id"],
        "session_id": row["session_id"],
        "step_id": row["step_id"],
        "event_type": row["event_type"],
        "timestamp": row["timestamp"],
        "message": row["message"],
        "event_data": orjson.Fragment(row["event_data"]),
    }


async def _serve() -> None:
    app = FastAPI(lifespan=_database, openapi_url=None)
    app.add_api_route(_PATH, events)
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    config = uvicorn.Config(app, http="httptools", access_log=False, log_level="error", backlog=4096)
    # Connections are taken from here on, and answered once the pool is there.
    print(f"lean: listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    await uvicorn.Server(config).serve(sockets=[listener])


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as main:
        main.run(_serve())
