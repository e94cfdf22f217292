"""What the codings that clients accept make of our answers."""

import json
import subprocess
import tempfile
from itertools import cycle
from pathlib import Path
from typing import Any

from bench.client import connected
from bench.contenders import ours
from bench.peers import environment
from bench.polls import Poll
from bench.result import Result, Setting
from bench.tables import Cell, Table
from stack.binaries import REPOSITORY
from stack.errors import StackError

# A log in each event: text of this repository, none of it twice.
_LOG = 5_000
_TEXTS = ("docs/*.md", "db/functions/*.sql", "proxy/*.py")


def measure(setting: Setting) -> Result:
    """Bytes and milliseconds for a page of 100, one of 1,000, and one whose events hold logs."""
    with ours(setting.found) as product, connected(product.server.url) as client:
        pages = {
            f"{limit:,} events": client.fetch(
                product.target(Poll(setting.found.typical, parameters={"limit": str(limit)}))
            )
            for limit in (100, 1000)
        }
    logs = _with_logs(json.loads(next(iter(pages.values()))))
    bodies = {**pages, f"{len(logs['items'])} events with logs": json.dumps(logs, separators=(",", ":")).encode()}
    rows: list[list[Cell]] = [["as it is", *(cell for body in bodies.values() for cell in (len(body), None))]]
    rows += [
        [name, *(cell for one in found for cell in one)] for name, found in _compressed(list(bodies.values())).items()
    ]
    table = Table(
        "compression",
        "Bytes of an answer, and the time to compress it",
        ["coding", *(column for name in bodies for column in (name, "ms"))],
        rows,
        f"Medians, in one process. The logs are {_LOG:,} characters an event of this repository's own text and source.",
    )
    return Result([table])


def _with_logs(page: dict[str, Any]) -> dict[str, Any]:
    text = "".join(file.read_text() for pattern in _TEXTS for file in sorted(REPOSITORY.glob(pattern)))
    logs = [text[begin : begin + _LOG] for begin in range(0, len(text), _LOG)]
    items = [{**item, "event_data": {"log": log}} for item, log in zip(cycle(page["items"]), logs, strict=False)]
    return {**page, "items": items}


def _compressed(bodies: list[bytes]) -> dict[str, list[tuple[int, float]]]:
    """By coding: bytes and milliseconds, body by body.

    Raises:
        StackError: the packages do not work; with what they said.
    """
    with tempfile.TemporaryDirectory() as scratch:
        files = [Path(scratch) / str(number) for number in range(len(bodies))]
        for file, body in zip(files, bodies, strict=True):
            file.write_bytes(body)
        command = [str(environment.python()), "-m", "bench.peers.codecs", *map(str, files)]
        result = subprocess.run(command, check=False, capture_output=True, text=True, cwd=REPOSITORY)
    if result.returncode != 0:
        raise StackError(f"bench.peers.codecs failed:\n{result.stderr}")
    found: dict[str, list[tuple[int, float]]] = json.loads(result.stdout)
    return found
