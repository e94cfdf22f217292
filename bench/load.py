"""Requests as fast as the answers come, on connections that are kept: by wrk, or where it is missing by our own client.

One run uses one of the two for all contenders.
"""

import asyncio
import json
import random
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from aiohttp import ClientError, ClientSession, TCPConnector

from bench.rounds import percentile
from stack.errors import StackError
from stack.process import plain_environment

_SCRIPT = Path(__file__).with_name("wrk.lua")
_MARK = "bench "
TIMEOUT = 10


@dataclass(frozen=True)
class Load:
    """What a load met: percentiles in milliseconds."""

    requests: int
    per_second: float
    p50: float
    p95: float
    p99: float
    errors: int


class Generator(Protocol):
    """Makes a load; `pace` is the seconds between two requests of a connection, 0 for none."""

    def __call__(self, url: str, *, connections: int, seconds: float, pace: float = 0) -> Load:
        """Asks for `url` only."""


def generator(*, wrk: bool) -> tuple[str, Generator]:
    """The name of the load generator of this run, and the generator; wrk where it is wanted and installed."""
    if wrk and shutil.which("wrk"):
        return "wrk", by_wrk
    return "own client", by_own_client


def by_wrk(url: str, *, connections: int, seconds: float, pace: float = 0) -> Load:
    """One thread, since the machine's other cores belong to the servers.

    Raises:
        StackError: wrk failed; with what it said.
    """
    command = ["wrk", "--threads=1", f"--connections={connections}", f"--duration={seconds:.0f}s"]
    command += [f"--timeout={TIMEOUT}s", f"--script={_SCRIPT}", url]
    environment = plain_environment() | ({"BENCH_PACE": str(pace)} if pace else {})
    result = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    lines = [line for line in result.stdout.splitlines() if line.startswith(_MARK)]
    if result.returncode != 0 or not lines:
        raise StackError(f"wrk failed:\n{result.stdout}{result.stderr}")
    found = json.loads(lines[0].removeprefix(_MARK))
    return Load(
        requests=found["requests"],
        per_second=found["requests"] / found["microseconds"] * 1_000_000,
        p50=found["p50"] / 1000,
        p95=found["p95"] / 1000,
        p99=found["p99"] / 1000,
        errors=found["errors"],
    )


def by_own_client(url: str, *, connections: int, seconds: float, pace: float = 0) -> Load:
    """The same in Python: at least one request on each connection. It tires long before wrk does."""
    return asyncio.run(_own_client(url, connections, seconds, pace))


async def _own_client(url: str, connections: int, seconds: float, pace: float) -> Load:
    latencies: list[float] = []
    errors = 0
    begun = time.perf_counter()

    async def follow(session: ClientSession) -> None:
        nonlocal errors
        while True:
            if pace:
                await asyncio.sleep(random.uniform(0, 2 * pace))
            sent = time.perf_counter()
            try:
                async with asyncio.timeout(TIMEOUT), session.get(url) as response:
                    await response.read()
                    errors += response.status >= 400
            except (ClientError, OSError):
                errors += 1
            latencies.append((time.perf_counter() - sent) * 1000)
            if time.perf_counter() - begun > seconds:
                return

    async with ClientSession(connector=TCPConnector(limit=connections), auto_decompress=False) as session:
        session.headers["Accept-Encoding"] = "identity"
        await asyncio.gather(*(follow(session) for _ in range(connections)))
    return Load(
        requests=len(latencies),
        per_second=len(latencies) / (time.perf_counter() - begun),
        p50=percentile(latencies, 50),
        p95=percentile(latencies, 95),
        p99=percentile(latencies, 99),
        errors=errors,
    )
