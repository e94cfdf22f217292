"""What is asked: polls, by the question that they put."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import psycopg

from bench.databases import SQL, Databases, vacuum

IDLE_EACH = "idle poll, each on another session"
IDLE_ONE = "idle poll, all on one session"
SINCE_EACH = "idle poll by `since`, each on another session"
FEW_EACH = "3 new events, each on another session"
FIRST = "first page of 100"
TYPE = "one type, page of 100"
THOUSAND = "page of 1,000"
_NEW_EVENTS = 3


@dataclass(frozen=True)
class Poll:
    """One request; who knows no `cursor` goes on by `since`, which says the same."""

    session_id: UUID
    cursor: str = ""
    since: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)

    def query(self, *, by_cursor: bool) -> dict[str, str]:
        """The parameters beside the session."""
        if by_cursor and self.cursor:
            return {"cursor": self.cursor, **self.parameters}
        return ({"since": self.since} if self.since else {}) | dict(self.parameters)


# How our product answers a poll.
Answer = Callable[[Poll], Any]


def questions(found: Databases, answer: Answer) -> dict[str, Sequence[Poll]]:
    """By question; adds the few newest events that some of them ask for."""
    followed = [*found.crowd, found.typical]
    before = positions(followed, answer)
    for dsn in (found.parent, found.adopted):
        add_events(dsn, followed)
        vacuum(dsn)
    now = positions(followed, answer)
    first = partial(Poll, found.typical)
    return {
        IDLE_EACH: [now[session_id] for session_id in found.crowd],
        IDLE_ONE: [now[found.typical]],
        SINCE_EACH: [Poll(session_id, since=now[session_id].since) for session_id in found.crowd],
        FEW_EACH: [before[session_id] for session_id in found.crowd],
        FIRST: [first()],
        TYPE: [first(parameters={"event_type": "error"})],
        THOUSAND: [first(parameters={"limit": "1000"})],
    }


def positions(sessions: Sequence[UUID], answer: Answer) -> dict[UUID, Poll]:
    """How somebody who has seen everything of a session goes on."""
    return {session_id: _position(session_id, answer) for session_id in sessions}


def path(session_id: UUID, query: Mapping[str, str]) -> str:
    """The endpoint's target."""
    return f"/api/v2/sessions/{session_id}/events?{urlencode(query)}"


def add_events(dsn: str, sessions: Sequence[UUID]) -> None:
    """The same few newest events in every database."""
    with psycopg.connect(dsn) as connection:
        connection.execute(SQL.joinpath("add_events.sql").read_bytes(), {"ids": list(sessions), "events": _NEW_EVENTS})


def _position(session_id: UUID, answer: Answer) -> Poll:
    first = answer(Poll(session_id, parameters={"limit": "1"}))
    newest = first["items"][0]["timestamp"] if first["items"] else first["timestamp"]
    return Poll(session_id, cursor=first["cursor"], since=newest)
