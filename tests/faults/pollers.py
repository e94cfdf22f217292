"""Clients that go on asking whatever happens, and write down what they saw."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
import requests

from tests.support.client import Client
from tests.support.rows import add_events, spread
from tests.support.waiting import wait_until

MEGABYTE = 1 << 20
REFUSED = "refused"
GOOD = (200, 304)
ENOUGH = 5  # good answers in a row, and it is healthy
_PAUSE = 0.1
_PATIENCE = 60


@dataclass(frozen=True)
class Seen:
    """One poll: when it began and ended (time.monotonic()), and what came of it."""

    begun: float
    ended: float
    status: int | str
    size: int = 0

    @property
    def good(self) -> bool:
        """Whether it was answered."""
        return self.status in GOOD

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended - self.begun


@dataclass
class Poller:
    """Asks one question again and again; `parameters` are what it asks next."""

    url: str
    parameters: dict[str, Any]
    seen: list[Seen] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    totals: list[int] = field(default_factory=list)
    session: requests.Session = field(default_factory=requests.Session)
    etag: str | None = None

    def run(self, stop: threading.Event) -> None:
        """Asks until told to stop."""
        with self.session:
            while not stop.is_set():
                begun = time.monotonic()
                try:
                    answer = self._ask()
                except requests.ConnectionError:
                    self.seen.append(Seen(begun, time.monotonic(), REFUSED))
                else:
                    self.seen.append(Seen(begun, time.monotonic(), answer.status_code, len(answer.content)))
                    self._take(answer)
                stop.wait(_PAUSE)

    def has_recovered(self, since: float) -> bool:
        """Whether its latest polls, all begun after `since`, were answered."""
        latest = self.seen[-ENOUGH:]
        return len(latest) == ENOUGH and all(each.good and each.begun > since for each in latest)

    def _ask(self) -> requests.Response:
        return self.session.get(self.url, params=self.parameters, timeout=_PATIENCE)

    def _take(self, answer: requests.Response) -> None:
        if answer.status_code >= 400:
            assert answer.headers["Content-Type"] == "application/problem+json", answer.text
        elif answer.status_code == 200:
            self._read(answer.json())

    def _read(self, body: dict[str, Any]) -> None:
        """Takes what an answer tells; its numbers must agree."""
        page = body["pagination"]
        self.totals.append(page["total"])
        left = max(page["total"] - (page["page"] - 1) * page["per_page"], 0)
        assert page["returned"] == len(body["items"])
        assert len(body["items"]) <= min(page["per_page"], left)
        # What was deleted since a walk began is missing in its later pages.
        assert "next" in self.parameters or len(body["items"]) == min(page["per_page"], left)


@dataclass
class Follower(Poller):
    """Follows a session as the documentation says: `next` while there is one, then `cursor`."""

    def _read(self, body: dict[str, Any]) -> None:
        super()._read(body)
        self.ids |= {item["id"] for item in body["items"]}
        following = body["pagination"]["next"]
        limit = {"limit": self.parameters["limit"]} if "limit" in self.parameters else {}
        self.parameters = {"next": following} if following else {"cursor": body["cursor"], **limit}


@dataclass
class FirstPages(Poller):
    """Asks for the first page, and sends the entity tag of the one before."""

    def _ask(self) -> requests.Response:
        headers = {"If-None-Match": self.etag} if self.etag else {}
        return self.session.get(self.url, params=self.parameters, headers=headers, timeout=_PATIENCE)

    def _take(self, answer: requests.Response) -> None:
        super()._take(answer)
        self.etag = answer.headers.get("ETag", self.etag)


@dataclass
class Writer:
    """Writes an event now and then; remembers those whose commit was confirmed."""

    database_url: str
    session_id: UUID
    written: set[str] = field(default_factory=set)
    failures: int = 0

    def run(self, stop: threading.Event) -> None:
        """Writes until told to stop."""
        while not stop.is_set():
            try:
                with psycopg.connect(self.database_url, autocommit=True, connect_timeout=2) as connection:
                    while not stop.wait(2 * _PAUSE):
                        (event,) = spread(1)
                        add_events(connection, self.session_id, [event])
                        self.written.add(str(event.id))
            except psycopg.Error:
                self.failures += 1
                stop.wait(_PAUSE)


@dataclass
class Watch:
    """Pollers of every kind and a writer, all under way."""

    pollers: list[Poller]
    writer: Writer

    @property
    def seen(self) -> list[Seen]:
        """All polls so far."""
        return [each for poller in self.pollers for each in list(poller.seen)]

    def wait_for_polls(self, condition: Callable[[Seen], bool], what: str) -> None:
        """Waits until a poll of each poller was so."""
        wait_until(lambda: all(any(map(condition, list(poller.seen))) for poller in self.pollers), what)

    def wait_until_healthy(self, since: float) -> None:
        """Waits until every poller is answered again, and has been told everything that was written."""
        wait_until(lambda: all(poller.has_recovered(since) for poller in self.pollers), "every poller is answered")
        told = [poller for poller in self.pollers if isinstance(poller, Follower)]
        wait_until(lambda: all(self.writer.written <= poller.ids for poller in told), "they know all events")

    def seconds_to_health(self, since: float) -> float:
        """How long after `since` the last poll ended that was not answered."""
        return max(0.0, *(each.ended - since for each in self.seen if not each.good), 0.0)


@contextmanager
def watch(proxy_url: str, database_url: str, session_id: UUID, *others: Poller) -> Iterator[Watch]:
    """Pollers that have each been answered once, and go on for the time of the context; `others` beside them."""
    url = Client(proxy_url).events_url(session_id)
    pollers: list[Poller] = [
        *(Follower(url, {"limit": 500 + number}) for number in range(3)),
        *(FirstPages(url, {"limit": 10 + number}) for number in range(3)),
        *others,
    ]
    watching, stop = Watch(pollers, Writer(database_url, session_id)), threading.Event()
    runs = [*(poller.run for poller in pollers), watching.writer.run]
    threads = [threading.Thread(target=run, args=(stop,)) for run in runs]
    try:
        for thread in threads:
            thread.start()
        watching.wait_for_polls(lambda each: each.good, "each poller is answered")
        yield watching
    finally:
        stop.set()
        for thread in threads:
            with suppress(RuntimeError):
                thread.join()
