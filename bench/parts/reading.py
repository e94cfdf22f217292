"""Reading a whole session of the largest size back, through the proxy."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from bench import targets
from bench.client import connected
from bench.contenders import ours
from bench.databases import ADOPTED, Databases, fill, vacuum
from bench.polls import Poll, path
from bench.result import Figure, Result, Setting
from bench.rounds import spread
from bench.tables import Table
from stack.errors import StackError

_LIMIT = {"limit": "1000"}
_CLIENTS = "select from pg_stat_activity where datname = %s and backend_type = 'client backend'"
_POLL = 0.02


@dataclass(frozen=True)
class Reading:
    """What it took."""

    seconds: float
    pages: int
    temp_files: int
    temp_bytes: int


def measure(setting: Setting) -> Result:
    """By a walk from nothing, and by one from a cursor that is older than every event."""
    found, events = setting.found, setting.scale.large
    with ours(found) as product:
        cursor = product.answer(Poll(found.unread))["cursor"]
    fill(found.adopted, [found.unread], events)
    vacuum(found.adopted)
    ways = {targets.BY_WALK: {}, targets.BY_CURSOR: {"cursor": cursor}}
    readings = {way: _read(found, events, query) for way, query in ways.items()}
    table = Table(
        "reading",
        f"A session of {events:,} events read back through the proxy, by pages of 1,000",
        ["asked", "seconds", "pages", "temporary files", "their bytes"],
        [[way, one.seconds, one.pages, one.temp_files, one.temp_bytes] for way, one in readings.items()],
        "Each page is asked for with the `next` of the one before, on one connection; the first with nothing, or with a"
        " cursor from before the first event. Temporary files are those of pg_stat_database.",
    )
    return Result([table], {way: Figure(spread([one.seconds])) for way, one in readings.items()})


def _read(found: Databases, events: int, query: Mapping[str, str]) -> Reading:
    """One walk, on servers of its own: what a backend has counted is there when it has ended.

    Raises:
        StackError: it brought more or fewer events.
    """
    files, size = _temporary(found)
    with ours(found) as product, connected(product.server.url) as client:
        begun = time.perf_counter()
        returned = pages = 0
        target: str | None = path(found.unread, {**_LIMIT, **query})
        while target is not None:
            pagination = _pagination(client.fetch(target))
            pages += 1
            returned += pagination["returned"]
            following = pagination["next"]
            target = following and path(found.unread, {"next": following})
        seconds = time.perf_counter() - begun
    if returned != events:
        raise StackError(f"a walk brought {returned:,} of {events:,} events")
    files_after, size_after = _temporary(found)
    return Reading(seconds, pages, files_after - files, size_after - size)


def _pagination(body: bytes) -> dict[str, Any]:
    """Of an answer, without the cost of parsing its items; what follows those is one object's rest."""
    found: dict[str, Any] = json.loads(b"{" + body[body.rindex(b'"pagination"') :])["pagination"]
    return found


def _temporary(found: Databases) -> tuple[int, int]:
    """Files and bytes so far; a backend has told of its own before it leaves the list."""
    with psycopg.connect(found.server.dsn("postgres"), autocommit=True) as connection:
        while connection.execute(_CLIENTS, [ADOPTED]).fetchone():
            time.sleep(_POLL)
        row = connection.execute(
            "select temp_files, temp_bytes from pg_stat_database where datname = %s", [ADOPTED]
        ).fetchone()
    return row or (0, 0)
