"""The one call to PostgREST: the whole contract with the SQL side, its arguments, members and codes."""

import asyncio
import json
import logging
import time
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from proxy.connections import Connection, Connections
from proxy.metrics import UNREACHABLE, UNREADABLE, Metrics
from proxy.problems import Kind, Problem, about
from proxy.query import EventsQuery

logger = logging.getLogger(__name__)

_FUNCTION = "rpc/answer_polls"
# What an answer may have beside its page, in bytes.
_BESIDE = 1024 * 1024
_LARGEST_BIGINT = 2**63 - 1
# Polls that are written out again: who follows an idle session asks the same again and again.
_POLLS_REMEMBERED = 4096
_MOST_DIGITS = 40
# Codes of answer_polls() about one poll, whose message is made for clients.
_NO_SESSION = "P0002"
_PAGE_TOO_LARGE = "SE004"
_BEHIND = "SE005"
_TOKEN_REFUSALS = {"SE001": Kind.CURSOR_MALFORMED, "SE002": Kind.CURSOR_MALFORMED, "SE003": Kind.CURSOR_LOST}
# Codes of PostgREST and PostgreSQL about a whole call, whose message stays inside; by their first characters.
_KINDS = {
    "57014": Kind.TIMEOUT,
    "PGRST003": Kind.OVERLOADED,
    "53": Kind.OVERLOADED,
    # One event alone can be more than PostgreSQL can print.
    "54": Kind.RESPONSE_TOO_LARGE,
}
# No poll has brought these about: no connection, or no place in the pool or on the server.
_OF_NO_POLL = ("PGRST0", "08", "53", "57P")


class Way(StrEnum):
    """How polls are asked: how much work they may be. The answer to one that is more: how to ask it."""

    SHARED = "shared"
    ALONE = "alone"
    # More than a mebibyte; the others are answered soon, or not at all.
    LARGE = "large"


@dataclass(slots=True, eq=False)
class Page:
    """The answer to a poll: `items` are the pieces of one JSON array of `size` bytes, `session` is JSON.

    `large` is whether it was asked for as such; `called` when the call began (time.perf_counter()), `seconds` its time
    in the database; `holders` how many requests have the page in memory; `etag` and `zipped` what response.assemble()
    has made of it, once for all of these, of whom a large page's go through `turn` one by one.
    """

    items: list[bytes]
    returned: int
    total: int
    page: int
    per_page: int
    next: str | None
    ended: bool
    session: str
    timestamp: str
    cursor: str
    size: int
    large: bool
    called: float
    seconds: float
    holders: int = 0
    etag: str = ""
    zipped: list[bytes] = field(default_factory=list)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


Answer = Page | Problem | Way


class CallFailed(Problem):
    """A whole call failed, for a reason that may lie in one of its polls."""


class PostgREST:
    """A pool of kept connections to PostgREST at `unix:///path` or `http://host:port`."""

    def __init__(self, url: str, metrics: Metrics, *, connections: int, max_response_bytes: int) -> None:
        self._connections = Connections(url, connections)
        self._target = f"/{_FUNCTION}?p_max_bytes={max_response_bytes}"
        self._metrics = metrics
        self._max_response_bytes = max_response_bytes

    def close(self) -> None:
        """Closes all connections."""
        self._connections.close()

    async def answer(self, polls: Sequence[EventsQuery]) -> list[Answer]:
        """The answers to polls that share a call, in their order.

        Raises:
            CallFailed: for a reason that may lie in one of the polls.
            Problem: whatever the way to the database had to say.
        """
        self._metrics.call_polls.observe(len(polls))
        return await self._call(polls, Way.SHARED)

    async def answer_alone(self, poll: EventsQuery, way: Way) -> Answer:
        """The answer to a poll in a call of its own.

        Raises:
            Problem: as with `answer`.
        """
        (answer,) = await self._call([poll], way)
        return answer

    async def _call(self, polls: Sequence[EventsQuery], way: Way) -> list[Answer]:
        called = time.perf_counter()
        text = urlsafe_b64encode(f"[{','.join(map(written, polls))}]".encode()).decode().rstrip("=")
        try:
            # GET keeps the function in a READ ONLY transaction, which a standby needs too.
            async with self._connections.get(f"{self._target}&p_way={way}&p_polls={text}") as response:
                if response.status != 200:
                    failure = await _failure(response)
                    self._metrics.failed_calls.add(failure.kind.slug)
                    raise failure
                pieces = await self._read(response, len(polls))
            answers, seconds = _answers(polls, way, pieces, called)
            self._metrics.database_seconds.add(amount=seconds)
            age = next((age for age in map(_horizon_age, polls, answers) if age is not None), None)
            if age is not None:
                self._metrics.horizon_age.observe(age)
            return answers
        except (KeyError, ValueError, TypeError) as error:
            self._metrics.failed_calls.add(UNREADABLE)
            logger.error("PostgREST's answer is not what answer_polls() gives: %r", error)
            raise Problem(Kind.UNAVAILABLE) from error
        except OSError as error:
            self._metrics.failed_calls.add(UNREACHABLE)
            logger.warning("PostgREST is not reachable: %s", error)
            raise Problem(Kind.UNAVAILABLE) from error
        except asyncio.CancelledError:
            # Its time was up.
            self._metrics.failed_calls.add(Kind.TIMEOUT.slug)
            raise
        finally:
            self._metrics.call_seconds.observe(time.perf_counter() - called, way)

    async def _read(self, response: Connection, pages: int) -> list[bytes]:
        """The body in pieces. The function bounds its pages; this holds where it does not."""
        pieces: list[bytes] = []
        size = 0
        async for piece in response.pieces():
            size += len(piece)
            if size > pages * (self._max_response_bytes + _BESIDE):
                detail = (
                    f"The page is larger than the {self._max_response_bytes} bytes that one answer may have; "
                    "ask with a smaller limit."
                )
                raise about(Kind.RESPONSE_TOO_LARGE, "limit", detail)
            pieces.append(piece)
        return pieces


def written(query: EventsQuery) -> str:
    """A poll as answer_polls() reads it: JSON, of text only, without what is not given."""
    # Thousands of digits are not worth remembering.
    return (_remembered if len(query.limit) + len(query.page) <= _MOST_DIGITS else _written)(query)


def _written(query: EventsQuery) -> str:
    if query.next is not None:
        return json.dumps({"session_id": query.session_id, "next": query.next})
    members = {
        "session_id": query.session_id,
        "since": query.since,
        "event_type": query.event_type,
        "limit": _as_bigint(query.limit),
        "page": _as_bigint(query.page),
        "cursor": query.cursor,
    }
    return json.dumps({name: value for name, value in members.items() if value is not None})


_remembered = lru_cache(_POLLS_REMEMBERED)(_written)


def _as_bigint(digits: str) -> str:
    """The digits, or PostgreSQL's largest bigint where they are more: both are past every end."""
    return digits if len(digits) < 19 else str(min(int(digits[:20]), _LARGEST_BIGINT))


def _answers(polls: Sequence[EventsQuery], way: Way, pieces: list[bytes], called: float) -> tuple[list[Answer], float]:
    """The answers in a body, and their seconds in the database: a line of JSON about each, then the items of each."""
    line, items = _split(pieces)
    head = json.loads(line)
    told: list[dict[str, Any]] = head["answers"]
    # The database's clock may be set while it is at it.
    seconds = max(0.0, float(head["seconds"]))
    if len(told) != len(polls):
        raise ValueError(f"{len(told)} answers to {len(polls)} polls")
    if len(told) > 1:
        items = [b"".join(items)]
    answers: list[Answer] = []
    end = 0
    for poll, members in zip(polls, told, strict=True):
        if "items" in members:
            size = members.pop("items")
            begin, end = end, end + size
            own = items if len(told) == 1 else [items[0][begin:end]]
            answers.append(
                Page(items=own, **members, size=size, large=way is Way.LARGE, called=called, seconds=seconds)
            )
        else:
            answers.append(Way(members["way"]) if "way" in members else _refusal(poll, **members))
    if sum(map(len, items)) != end:
        raise ValueError(f"{sum(map(len, items))} bytes of items instead of {end}")
    return answers, seconds


def _horizon_age(poll: EventsQuery, answer: Answer) -> float | None:
    """How long before the call an answer's timestamp lies, by our clock; None where it tells nothing of the horizon."""
    # A walk has the timestamp of its first answer; with since it is never before that.
    if not isinstance(answer, Page) or poll.since or poll.next:
        return None
    try:
        told = datetime.fromisoformat(answer.timestamp).timestamp()
    except ValueError:
        # Before year 1: where no start of a writer is known it is the session's, whatever that has.
        return None
    return max(0.0, time.time() - (time.perf_counter() - answer.called) - told)


def _split(pieces: list[bytes]) -> tuple[bytes, list[bytes]]:
    """The first line, and what comes after it: large items are never joined, which would hold them twice."""
    for number, piece in enumerate(pieces):
        line, found, rest = piece.partition(b"\n")
        if found:
            return b"".join([*pieces[:number], line]), [rest, *pieces[number + 1 :]]
    raise ValueError("no line")


def _refusal(poll: EventsQuery, *, code: str, message: str, hint: str | None, largest_limit: int | None) -> Problem:
    """What the database has against one poll."""
    if code == _NO_SESSION:
        return Problem(Kind.SESSION_NOT_FOUND, message)
    detail = f"{message} {hint or ''}".strip()
    if code == _BEHIND:
        return Problem(Kind.BEHIND, detail)
    if code == _PAGE_TOO_LARGE:
        return about(Kind.RESPONSE_TOO_LARGE, "limit", detail, largest_limit=largest_limit)
    return about(_TOKEN_REFUSALS[code], "cursor" if poll.next is None else "next", detail)


async def _failure(response: Connection) -> Problem:
    """The public error for an error of PostgREST, by its code alone: its statuses mean too many things."""
    text = b"".join([piece async for piece in response.pieces()]).decode(errors="replace")
    try:
        code = str(json.loads(text)["code"])
    except (ValueError, TypeError, KeyError):
        code = ""
    # Whatever else comes (no connection, a broken deploy) is not the client's fault and may pass.
    kind = next((kind for start, kind in _KINDS.items() if code.startswith(start)), Kind.UNAVAILABLE)
    if kind.status >= 500:
        logger.error("PostgREST answered %s: %s", response.status, text)
    problem = about(kind, "limit", kind.detail) if kind.status == 400 else Problem(kind)
    if not code or code.startswith(_OF_NO_POLL):
        return problem
    return CallFailed(problem.kind, problem.detail, problem.errors)
