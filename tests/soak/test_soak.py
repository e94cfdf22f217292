"""Pollers and writers for a long time: no error, no lost event, and nothing that grows."""

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from uuid import UUID

import aiohttp
import psutil
import psycopg
import pytest

from stack.postgrest import authenticator_uri, postgrest
from stack.proxy import proxy
from stack.rundir import run_directory
from tests.support.client import Client
from tests.support.long import LONG
from tests.support.rows import add_events, add_session, spread

INTERVAL = 2.0
SESSIONS = 20
WRITES_A_SECOND = 20
SAMPLE_SECONDS = 0.5
# What may be more at the end than in the first of the two halves after the warm-up.
MORE_MEMORY = 0.10
MORE_BYTES = 10_000_000


@dataclass(frozen=True)
class Load:
    """So many pollers, for so long; what is measured in the first seconds does not count."""

    pollers: int
    seconds: float
    warm_up: float


LOADS = [Load(100, 600, 60), Load(1000, 120, 60)] if LONG else [Load(100, 12, 4)]


@dataclass(frozen=True)
class Sample:
    """What the parts take at one moment: bytes of memory, open files, connections to the database."""

    proxy: int
    postgrest: int
    descriptors: int
    connections: int


@dataclass
class Site:
    """Both processes and the sessions that are written and polled."""

    url: str
    database_url: str
    proxy: psutil.Process
    postgrest: psutil.Process
    sessions: list[UUID]
    written: dict[UUID, set[str]] = field(default_factory=dict)
    samples: list[tuple[float, Sample]] = field(default_factory=list)

    def write(self, stop: threading.Event) -> None:
        """Writes events to one session after the other."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            while not stop.wait(1 / WRITES_A_SECOND):
                session_id = self.sessions[sum(map(len, self.written.values())) % SESSIONS]
                (event,) = spread(1)
                add_events(connection, session_id, [event])
                self.written.setdefault(session_id, set()).add(str(event.id))

    def measure(self, stop: threading.Event) -> None:
        """Takes samples."""
        counting = "select count(*) from pg_stat_activity where usename = 'session_events_authenticator'"
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            while not stop.wait(SAMPLE_SECONDS):
                row = connection.execute(counting).fetchone()
                assert row is not None
                proxy, postgrest = (each.memory_info().rss for each in (self.proxy, self.postgrest))
                sample = Sample(proxy, postgrest, self.proxy.num_fds(), row[0])
                self.samples.append((time.monotonic(), sample))


@dataclass
class Poller:
    """One client: its session, the statuses that it saw, how long it waited, and the events that it knows."""

    session_id: UUID
    statuses: Counter[int | str] = field(default_factory=Counter)
    longest: float = 0.0
    ids: set[str] = field(default_factory=set)
    cursor: str | None = None

    async def run(self, url: str, delay: float, until: float) -> None:
        """Follows its session every INTERVAL seconds, over a connection of its own; `delay` spreads the pollers."""
        await asyncio.sleep(delay)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(60)) as session:
            while time.monotonic() < until:
                began = time.monotonic()
                try:
                    await self.poll(session, url)
                except aiohttp.ClientError as error:
                    self.statuses[repr(error)] += 1
                self.longest = max(self.longest, time.monotonic() - began)
                await asyncio.sleep(max(0.0, INTERVAL - (time.monotonic() - began)))

    async def poll(self, session: aiohttp.ClientSession, url: str) -> None:
        """Asks once, and for what follows."""
        asked = {"cursor": self.cursor} if self.cursor else {}
        while True:
            async with session.get(url, params=asked) as answer:
                self.statuses[answer.status] += 1
                if answer.status != 200:
                    return
                body = json.loads(await answer.read())
            self.ids |= {item["id"] for item in body["items"]}
            if body["pagination"]["next"] is None:
                self.cursor = body["cursor"]
                return
            asked = {"next": body["pagination"]["next"]}


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    """A fresh PostgREST and proxy over the shared database."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        sessions = [add_session(connection) for _ in range(SESSIONS)]
    with (
        run_directory(tmp_path / "run") as directory,
        postgrest(authenticator_uri(database_url), directory / "postgrest") as rest,
        proxy(rest.url) as front,
    ):
        yield Site(front.url, database_url, psutil.Process(front.pid), psutil.Process(rest.pid), sessions)


@contextmanager
def _running(site: Site) -> Iterator[None]:
    """The writer and the samples, for the time of the context."""
    stop = threading.Event()
    threads = [threading.Thread(target=work, args=(stop,)) for work in (site.write, site.measure)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


async def _poll(site: Site, load: Load) -> list[Poller]:
    pollers = [Poller(site.sessions[number % SESSIONS]) for number in range(load.pollers)]
    until = time.monotonic() + load.seconds
    urls = [Client(site.url).events_url(poller.session_id) for poller in pollers]
    delays = [INTERVAL * number / load.pollers for number in range(load.pollers)]
    await asyncio.gather(*(each.run(url, delay, until) for each, url, delay in zip(pollers, urls, delays, strict=True)))
    return pollers


@pytest.mark.parametrize("load", LOADS, ids=lambda load: f"{load.pollers} for {load.seconds:.0f} s")
def test_flat(site: Site, load: Load) -> None:
    """Every poll should be answered, no event be lost, and nothing grow after the warm-up."""
    began = time.monotonic()
    with _running(site):
        pollers = asyncio.run(_poll(site, load))
    asyncio.run(_last_poll(site, pollers))
    statuses = sum((each.statuses for each in pollers), Counter[int | str]())
    counted = [sample for moment, sample in site.samples if moment > began + load.warm_up]
    early, late = counted[: len(counted) // 2], counted[len(counted) // 2 :]
    print(
        f"{load.pollers} pollers for {load.seconds:.0f} s: {dict(statuses)}, "
        f"longest {max(each.longest for each in pollers):.2f} s; from the first half to the second "
        + ", ".join(f"{name} {_usual(early, name)} to {_usual(late, name)}" for name in Sample.__annotations__)
    )
    assert set(statuses) == {200}
    assert all(each.ids == site.written[each.session_id] for each in pollers)
    for name in ("proxy", "postgrest"):
        assert _usual(late, name) <= _usual(early, name) * (1 + MORE_MEMORY) + MORE_BYTES
    assert _usual(late, "descriptors") <= _usual(early, "descriptors") + 5
    assert _usual(late, "connections") <= _usual(early, "connections") + 1


async def _last_poll(site: Site, pollers: list[Poller]) -> None:
    async with aiohttp.ClientSession() as session:
        for each in pollers:
            await each.poll(session, Client(site.url).events_url(each.session_id))


def _usual(samples: list[Sample], name: str) -> int:
    """What it mostly was: a moment in which the machine stood still does not count."""
    return int(median(getattr(sample, name) for sample in samples))
