"""Pollers that call the function itself, and what each of them has seen."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

import psycopg

# What every answer of a walk has of its first.
_OF_THE_WALK = ("Total-Count", "Per-Page", "Events-Timestamp", "Events-Cursor")


class Told(NamedTuple):
    """One telling of an event."""

    id: str
    timestamp: str
    event_type: str
    message: str | None
    event_data: dict[str, Any]


@dataclass
class Poller:
    """Reads a session page by page; `seen` counts how often each event came, `events` has its newest telling."""

    session_id: UUID
    event_type: str | None = None
    # Small, so that bursts are larger than a page.
    limit: int = 7
    seen: Counter[str] = field(default_factory=Counter)
    events: dict[str, Told] = field(default_factory=dict)
    # What the newest answer counted.
    total: int = 0
    polls: int = 0
    argument: ClassVar[str]

    def poll(self, connection: psycopg.Connection[Any]) -> None:
        """One poll: all pages with the same argument, then on from the first page's answer.

        A walk that breaks off is done again as a whole: nothing is remembered before its end.
        """
        value = self.next_value()
        rows, first = self._call(connection, {self.argument: value})
        page, total = 1, int(first["Total-Count"])
        # What arrives meanwhile moves the rest to later pages, so each answer says anew whether there is a next one.
        while page * self.limit < total:
            page += 1
            more, answer = self._call(connection, {self.argument: value, "p_page": page})
            rows += more
            if int(answer["Total-Count"]) < total:
                # Some of it is gone, or the answer came from a standby that lags behind: begin again next time.
                return
            total = int(answer["Total-Count"])
        self.total = total
        self.take(rows, first)

    def take(self, rows: list[Told], first: dict[str, str]) -> None:
        """Takes over what a whole walk has told; what was told before under the same id is replaced."""
        self.seen.update(row.id for row in rows)
        self.events |= {row.id: row for row in rows}
        self.remember(rows, first)
        self.polls += 1

    def _call(
        self, connection: psycopg.Connection[Any], arguments: dict[str, object]
    ) -> tuple[list[Told], dict[str, str]]:
        return call(
            connection,
            {"p_session_id": self.session_id, "p_event_type": self.event_type, "p_limit": self.limit, **arguments},
        )

    def next_value(self) -> str | None:
        """What the next poll sends."""
        raise NotImplementedError

    def remember(self, rows: list[Told], first: dict[str, str]) -> None:
        """Keeps what the next poll needs."""
        raise NotImplementedError


@dataclass
class CursorPoller(Poller):
    """Follows `cursor`, as the documentation says."""

    argument = "p_cursor"
    cursor: str | None = None

    def next_value(self) -> str | None:
        """What the next poll sends."""
        return self.cursor

    def remember(self, rows: list[Told], first: dict[str, str]) -> None:
        """Keeps what the next poll needs."""
        self.cursor = first["Events-Cursor"]


@dataclass
class Walker(CursorPoller):
    """Follows the contract's one rule: while there is a next ask with it; then on with the cursor."""

    def poll(self, connection: psycopg.Connection[Any]) -> None:
        """One walk; where a crash or a server that lags behind refuses it midway, it is begun again next time."""
        walk = self.pages(lambda: connection)
        next(walk)
        try:
            for _ in walk:
                pass
        except psycopg.DatabaseError as error:
            if error.sqlstate not in ("SE003", "SE005"):
                raise

    def pages(self, ask: Callable[[], psycopg.Connection[Any]]) -> Iterator[list[Told]]:
        """The pages of one walk, each asked of the server that `ask` gives for it; after the last they are taken over.

        Every answer of a walk has the total, the cursor and the timestamp of its first.
        """
        page, first = self._call(ask(), {self.argument: self.next_value()})
        self.total = int(first["Total-Count"])
        rows, answer = [*page], first
        yield page
        while token := answer.get("Events-Next"):
            page, answer = call(ask(), {"p_session_id": self.session_id, "p_next": token})
            assert [answer[name] for name in _OF_THE_WALK] == [first[name] for name in _OF_THE_WALK]
            assert len(page) <= self.limit
            rows += page
            yield page
        self.take(rows, first)


@dataclass
class TimestampPoller(Poller):
    """Sends each answer's `timestamp` back as `since`."""

    argument = "p_since"
    since: str | None = None

    def next_value(self) -> str | None:
        """What the next poll sends."""
        return self.since

    def remember(self, rows: list[Told], first: dict[str, str]) -> None:
        """Keeps what the next poll needs."""
        self.since = first["Events-Timestamp"]


@dataclass
class NewestSeenPoller(Poller):
    """Sends the newest timestamp that it has seen: the mistake that the cursor is there to prevent."""

    argument = "p_since"
    newest: str | None = None

    def next_value(self) -> str | None:
        """What the next poll sends."""
        return self.newest

    def remember(self, rows: list[Told], first: dict[str, str]) -> None:
        """Keeps what the next poll needs."""
        self.newest = max([row.timestamp for row in rows] + ([self.newest] if self.newest else []), default=None)


def call(connection: psycopg.Connection[Any], arguments: dict[str, object]) -> tuple[list[Told], dict[str, str]]:
    """A page's events, and the headers of the answer."""
    named = ", ".join(f"{name} => %({name})s" for name in arguments)
    with connection.transaction():
        columns = 'id::text, "timestamp", event_type, message, event_data'
        query = f"select {columns} from api.session_events({named})"  # noqa: S608 - names of this module
        rows = [Told(*row) for row in connection.execute(query, arguments)]
        setting = connection.execute("select current_setting('response.headers')").fetchone()
    assert setting is not None
    return rows, {name: value for header in json.loads(setting[0]) for name, value in header.items()}


def committed_events(connection: psycopg.Connection[Any], session_id: UUID) -> dict[str, Told]:
    """What a follower should end with: the events as they stand in the table."""
    rows = connection.execute(
        'select id::text, events_internal.iso_timestamp("timestamp"), event_type, message, event_data'
        " from public.events where session_id = %s",
        [session_id],
    )
    return {row[0]: Told(*row) for row in rows}
