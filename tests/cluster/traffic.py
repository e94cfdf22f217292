"""Writers and followers of one session, who note what they were told."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import psycopg
import requests
import urllib3

from tests.support.rows import START

ALLOWED = {200, 304, 503, 504}
_PAUSE = 0.03
_INSERT = """
    insert into public.events (id, session_id, event_type, event_data, message, timestamp)
    values (%s, %s, 'info', '{"version": 1}', 'something happened', now())
"""
_CHANGE = """
    update public.events set event_data = jsonb_build_object('version', (event_data ->> 'version')::integer + 1)
    where id = %s
"""
# What shows whether an answer is older than another; no reader is told of it but in `session`.
_COUNT = "update public.sessions set project_path = (project_path::integer + 1)::text where id = %s"
_CONNECT_SECONDS = 3
_NODE_SECONDS = 5  # what is asked of a single node is soon asked of the next


def begin_session(url: str) -> UUID:
    """A session whose project_path counts its commits."""
    session_id = uuid4()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "insert into public.sessions"
            " (id, session_type, status, mode, project_path, config, created_at, updated_at)"
            " values (%s, 'unit_tests', 'in_progress', 'autonomous', '0', '{}', %s, %s)",
            [session_id, START, START],
        )
    return session_id


@dataclass
class Writer:
    """Writes until told to stop, through whoever is the leader; `acknowledged` was committed for sure."""

    url: str
    session_id: UUID
    stop: threading.Event
    acknowledged: list[str] = field(default_factory=list)
    longest_pause: float = 0.0

    def run(self) -> None:
        """Writes; begins a new connection where the old one is lost."""
        last = time.monotonic()
        while not self.stop.is_set():
            with suppress(psycopg.Error), psycopg.connect(self.url, connect_timeout=_CONNECT_SECONDS) as connection:
                while not self.stop.is_set():
                    self._write(connection)
                    now = time.monotonic()
                    self.longest_pause, last = max(self.longest_pause, now - last), now
                    self.stop.wait(_PAUSE)
            self.stop.wait(_PAUSE)

    def _write(self, connection: psycopg.Connection[Any]) -> None:
        """A new event, and every third time a change of an earlier one."""
        event_id = str(uuid4())
        connection.execute(_INSERT, [event_id, self.session_id])
        if len(self.acknowledged) % 3 == 2:
            connection.execute(_CHANGE, [self.acknowledged[-1]])
        connection.execute(_COUNT, [self.session_id])
        connection.commit()
        self.acknowledged.append(event_id)


@dataclass
class Follower:
    """Follows the cursor by the contract's one rule, and notes every answer; asks its URLs in turn, if several."""

    urls: Sequence[str]
    session_id: UUID
    stop: threading.Event
    http: requests.Session = field(default_factory=requests.Session)
    versions: dict[str, int] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)
    told: int = 0
    lost: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    older: list[str] = field(default_factory=list)
    longest_refused: float = 0.0
    _cursor: str | None = None
    _commits: int = 0
    _refused_since: float | None = None
    _asked: int = 0

    def run(self) -> None:
        """Polls until told to stop."""
        while not self.stop.is_set():
            self.poll()
            self.stop.wait(_PAUSE)

    def poll(self) -> bool:
        """One walk; nothing is kept of one that breaks off. Whether it went through."""
        answer = self._ask({"cursor": self._cursor} if self._cursor else {})
        items, first = [], answer
        while answer is not None:
            items += answer["items"]
            if answer["pagination"]["next"] is None:
                break
            answer = self._ask({"next": answer["pagination"]["next"]})
        if answer is None or first is None:
            return False
        self._take(items, first)
        return True

    def _ask(self, parameters: dict[str, str]) -> dict[str, Any] | None:
        self._asked += 1
        path = f"{self.urls[self._asked % len(self.urls)]}/api/v2/sessions/{self.session_id}/events"
        limit = {} if "next" in parameters else {"limit": "50"}
        alternates = len(self.urls) > 1
        try:
            response = self._get(path, {**limit, **parameters}, _NODE_SECONDS if alternates else 30)
        except requests.RequestException as error:
            self.statuses["no answer"] += 1
            if not alternates:  # a node may be dead, what stands before all of them may not
                self.faults.append(repr(error))
            return None
        body: dict[str, Any] = response.json()
        problem = body.get("type", "").removeprefix("/docs#problem-")
        self.statuses[f"{response.status_code} {problem}".strip()] += 1
        self._note_refusal(response.status_code)
        if response.status_code == 200:
            return body
        if problem == "cursor-lost" and "next" not in parameters:
            self.lost.append(time.monotonic())
            self._cursor, self.versions, self._commits = None, {}, 0
        elif problem != "cursor-lost" and response.status_code not in ALLOWED:
            self.faults.append(f"{response.status_code} {response.text}")
        return None

    def _get(self, path: str, parameters: dict[str, str], seconds: float) -> requests.Response:
        """Asks once more where the connection that was kept is closed: as browsers do, and RFC 9110 (9.2.2) has it."""
        try:
            return self.http.get(path, params=parameters, timeout=seconds)
        except requests.ConnectionError as error:
            if not isinstance(error.args[0], urllib3.exceptions.ProtocolError):
                raise
            self.statuses["closed"] += 1
            return self.http.get(path, params=parameters, timeout=seconds)

    def _note_refusal(self, status: int) -> None:
        now = time.monotonic()
        if status < 500:
            self._refused_since = None
        else:
            self._refused_since = self._refused_since or now
            self.longest_refused = max(self.longest_refused, now - self._refused_since)

    def _take(self, items: list[dict[str, Any]], first: dict[str, Any]) -> None:
        self._cursor = first["cursor"]
        self.told += len(items)
        commits = int(first["session"]["project_path"])
        if commits < self._commits:
            self.older.append(f"the session went back from {self._commits} to {commits}")
        self._commits = commits
        for item in items:
            version = int(item["event_data"]["version"])
            if version < self.versions.get(item["id"], 0):
                self.faults.append(f"{item['id']} went back to version {version}")
            self.versions[item["id"]] = version


@dataclass
class Traffic:
    """Who writes and who follows, while something happens to the cluster."""

    writer_url: str
    session_id: UUID
    writers: list[Writer]
    followers: list[Follower]

    def report(self, what: str) -> str:
        """A line for a person."""
        statuses: Counter[str] = Counter()
        for follower in self.followers:
            statuses += follower.statuses
        refused = sum(count for status, count in statuses.items() if status[0] == "5")
        return (
            f"{what}: {sum(statuses.values())} polls, {refused} refused, for at most"
            f" {max(follower.longest_refused for follower in self.followers):.1f} s;"
            f" cursor-lost {[len(follower.lost) for follower in self.followers]};"
            f" writers waited at most {max(writer.longest_pause for writer in self.writers):.1f} s;"
            f" told {self.told()} of"
            f" {len(self.followers)} x {len(self.acknowledged())} events; {dict(statuses)}"
        )

    def told(self) -> int:
        """How many events the followers were told of, each as often as it was."""
        return sum(follower.told for follower in self.followers)

    def acknowledged(self) -> set[str]:
        """Every event whose commit a writer was told of."""
        return {event_id for writer in self.writers for event_id in writer.acknowledged}

    def settle(self, seconds: float = 30.0) -> None:
        """Lets every follower catch up; fails with what one lacks or has too much, or saw that it must not."""
        committed = self._committed()
        assert self.acknowledged() <= set(committed), "an acknowledged commit is lost"
        deadline = time.monotonic() + seconds
        for follower in self.followers:
            while not (follower.poll() and follower.versions == committed) and time.monotonic() < deadline:
                time.sleep(_PAUSE)
            assert follower.versions == committed, "not what is committed"
            assert not follower.faults, follower.faults[:5]
            assert not follower.older, follower.older[:5]

    def _committed(self) -> dict[str, int]:
        with psycopg.connect(self.writer_url) as connection:
            rows = connection.execute(
                "select id::text, (event_data ->> 'version')::integer from public.events where session_id = %s",
                [self.session_id],
            )
            return dict(rows.fetchall())


@contextmanager
def traffic(
    url: str, writer_url: str, *, writers: int = 2, followers: int = 4, nodes: Sequence[str] = ()
) -> Iterator[Traffic]:
    """Writers and followers that are busy inside the context; after it the followers have been told everything.

    With `nodes`, as many followers ask these URLs in turn, each after another one.
    """
    in_turn = [[*nodes[number:], *nodes[:number]] for number in range(len(nodes))]
    session_id = begin_session(writer_url)
    stop, stop_following = threading.Event(), threading.Event()
    busy = Traffic(
        writer_url,
        session_id,
        [Writer(writer_url, session_id, stop) for _ in range(writers)],
        [Follower(urls, session_id, stop_following) for urls in (*[[url]] * followers, *in_turn)],
    )
    runs = [*(writer.run for writer in busy.writers), *(follower.run for follower in busy.followers)]
    threads = [threading.Thread(target=run) for run in runs]
    try:
        for thread in threads:
            thread.start()
        yield busy
    finally:
        stop.set()
        stop_following.set()
        for thread in threads:
            thread.join()
    busy.settle()
