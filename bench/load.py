"""A closed loop: requests as fast as the answers come, on connections that are kept.

By wrk, or where it is missing by our own client; one run uses one of the two for all contenders.
"""

import asyncio
import contextlib
import itertools
import json
import math
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from uvloop import new_event_loop

from bench.connection import Connection
from bench.rounds import percentile
from stack.errors import StackError
from stack.process import plain_environment

_SCRIPT = Path(__file__).with_name("wrk.lua")
_MARK = "bench "
_TIMEOUT = 10


@dataclass(frozen=True)
class Load:
    """What a load met: good answers a second, and percentiles in milliseconds."""

    requests: int
    per_second: float
    p50: float
    p95: float
    p99: float
    errors: int


class Generator(Protocol):
    """Makes a load."""

    def __call__(self, url: str, targets: Sequence[str], *, connections: int, seconds: float) -> Load:
        """Asks the server at `url` for each of `targets` in turn."""


def generator(*, wrk: bool) -> tuple[str, Generator]:
    """The name of the load generator of this run, and the generator; wrk where it is wanted and installed."""
    if wrk and shutil.which("wrk"):
        return "wrk", by_wrk
    return "own client", by_own_client


def by_wrk(url: str, targets: Sequence[str], *, connections: int, seconds: float) -> Load:
    """One thread, since the machine's other cores belong to the servers.

    Raises:
        StackError: wrk failed; with what it said.
    """
    command = ["wrk", "--threads=1", f"--connections={connections}", f"--duration={seconds:.0f}s"]
    command += [f"--timeout={_TIMEOUT}s", f"--script={_SCRIPT}", url]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(targets))
        file.flush()
        environment = plain_environment() | {"BENCH_TARGETS": file.name}
        result = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    lines = [line for line in result.stdout.splitlines() if line.startswith(_MARK)]
    if result.returncode != 0 or not lines:
        raise StackError(f"wrk failed:\n{result.stdout}{result.stderr}")
    found = json.loads(lines[0].removeprefix(_MARK))
    return Load(
        requests=found["requests"],
        per_second=(found["requests"] - found["refused"]) / found["microseconds"] * 1_000_000,
        p50=found["p50"] / 1000,
        p95=found["p95"] / 1000,
        p99=found["p99"] / 1000,
        errors=found["errors"],
    )


def by_own_client(url: str, targets: Sequence[str], *, connections: int, seconds: float) -> Load:
    """The same in Python: at least one request on each connection. It tires before wrk does."""
    with asyncio.Runner(loop_factory=new_event_loop) as main:
        return main.run(_own_client(url, itertools.cycle(targets), connections, seconds))


async def _own_client(url: str, targets: Iterator[str], connections: int, seconds: float) -> Load:
    latencies: list[float] = []
    asked = good = 0
    ways = [Connection(url) for _ in range(connections)]
    await asyncio.gather(*(way.open() for way in ways))
    begun = time.perf_counter()

    async def eagerly(way: Connection) -> None:
        nonlocal asked, good
        while True:
            asked += 1
            sent = time.perf_counter()
            status, _ = await way.ask(next(targets))
            latencies.append((time.perf_counter() - sent) * 1000)
            good += is_good(status)
            if time.perf_counter() - begun > seconds:
                return

    # What is not answered by then is an error, as with wrk.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds + _TIMEOUT):
            await asyncio.gather(*(eagerly(way) for way in ways))
    taken = time.perf_counter() - begun
    for way in ways:
        way.close()
    return Load(
        requests=asked,
        per_second=good / taken,
        p50=percentile(latencies or [math.inf], 50),
        p95=percentile(latencies or [math.inf], 95),
        p99=percentile(latencies or [math.inf], 99),
        errors=asked - good,
    )


def is_good(status: int) -> bool:
    """Whether it is what a client wanted."""
    return 200 <= status < 400
