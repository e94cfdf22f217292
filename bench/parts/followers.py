"""What a long transaction of somebody else costs those who follow a session."""

import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import psycopg

from bench.client import Client, connected
from bench.peers.servers import product
from bench.result import Result, Setting
from bench.rounds import alternate, spread
from bench.tables import Cell, Table

# Between two rounds of polls.
EVENTS = 5
_INSERT = """
insert into public.events (id, session_id, event_type, event_data, message, "timestamp")
select gen_random_uuid(), %s, 'info', '{"n": 1}', 'followed', now() from generate_series(1, %s)
"""


@dataclass(frozen=True)
class Poll:
    """What one poll took and brought."""

    milliseconds: float
    events: int
    repeats: int


@dataclass
class Follower:
    """Polls a session and goes on with what the answer gave: its `cursor`, or its `timestamp` as `since`."""

    client: Client
    session_id: UUID
    parameter: str
    # The part of an answer that the next poll sends.
    kept: str
    value: str | None = None
    seen: set[str] = field(default_factory=set)

    def poll(self) -> Poll:
        """All pages with the same value, then on from the first page's answer."""
        begun = time.perf_counter()
        first = answer = self._page(1)
        ids = [item["id"] for item in answer["items"]]
        while answer["pagination"]["has_next"]:
            answer = self._page(answer["pagination"]["page"] + 1)
            ids += [item["id"] for item in answer["items"]]
        milliseconds = (time.perf_counter() - begun) * 1000
        repeats = len(self.seen.intersection(ids))
        self.seen.update(ids)
        self.value = first[self.kept]
        return Poll(milliseconds, len(ids), repeats)

    def _page(self, number: int) -> dict[str, Any]:
        query = {"limit": 1000, "page": number} | ({} if self.value is None else {self.parameter: self.value})
        page: dict[str, Any] = self.client.get(f"/api/v2/sessions/{self.session_id}/events?{urlencode(query)}")
        return page


def measure(setting: Setting) -> Result:
    """Both followers poll in turn after every few events: with nothing open, during the transaction, and after it."""
    found, scale = setting.found, setting.scale
    with (
        product(found.adopted) as server,
        connected(server.url) as client,
        psycopg.connect(found.adopted, autocommit=True) as writer,
    ):
        followers = [
            Follower(client, found.small, "cursor", "cursor"),
            Follower(client, found.small, "since", "timestamp"),
        ]
        # What was there before is nobody's repeat.
        for follower in followers:
            follower.poll()
        phases = {"before": _phase(followers, writer, scale.follow)}
        with psycopg.connect(found.adopted) as unrelated:
            unrelated.execute("select pg_current_xact_id()")
            phases["while it is open"] = _phase(followers, writer, scale.follow)
        # One poll ends what the transaction held back.
        phases["first poll after"] = alternate({follower.parameter: follower.poll for follower in followers}, 1)
        phases["after"] = _phase(followers, writer, scale.follow)
    rows = [row for parameter in phases["before"] for row in _rows(parameter, phases)]
    table = Table(
        "followers",
        "Followers of a session, while an unrelated transaction that has written stays open",
        ["followed by", "the transaction", "polls", "events", "repeats", "repeats a poll, most", "ms a poll", "ratio"],
        rows,
        f"Through the proxy, {EVENTS} new events before each poll. The transaction began before the first of them;"
        " `timestamp` is held back to its start, the cursor is not. Milliseconds are medians with the least and the"
        " greatest, ratios those of the medians to the time before.",
    )
    return Result([table])


def _phase(followers: list[Follower], writer: psycopg.Connection, polls_each: int) -> dict[str, list[Poll]]:
    polls: dict[str, list[Poll]] = {follower.parameter: [] for follower in followers}
    for _ in range(polls_each):
        writer.execute(_INSERT, [followers[0].session_id, EVENTS])
        for follower in followers:
            polls[follower.parameter].append(follower.poll())
    return polls


def _rows(parameter: str, phases: dict[str, dict[str, list[Poll]]]) -> list[list[Cell]]:
    before = spread(poll.milliseconds for poll in phases["before"][parameter])
    rows: list[list[Cell]] = []
    for phase, by_parameter in phases.items():
        polls = by_parameter[parameter]
        taken = spread(poll.milliseconds for poll in polls)
        rows.append(
            [
                parameter,
                phase,
                len(polls),
                sum(poll.events for poll in polls),
                sum(poll.repeats for poll in polls),
                max(poll.repeats for poll in polls),
                taken,
                taken.median / before.median,
            ]
        )
    return rows
