"""Who is compared: a new one is an entry of CONTENDERS."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

from bench.calls import in_turn
from bench.cases import FEW, ONE, Case
from bench.client import ask
from bench.databases import Databases
from bench.load import Generator, Load, by_own_client
from bench.peers import CONNECTIONS
from bench.peers.servers import Server, constant, handwritten, lean, postgrest_alone, product
from bench.pgbench import load as load_by_pgbench
from bench.polls import FEW_EACH, FIRST, IDLE_EACH, IDLE_ONE, TYPE, Poll, path
from stack.errors import StackError

PRODUCT = "this product"


class Running(Protocol):
    """A contender at work."""

    @property
    def pids(self) -> Mapping[str, int]:
        """Its processes, by what they are; PostgreSQL's are everybody's."""

    def load(self, polls: Sequence[Poll], *, connections: int, seconds: float) -> Load:
        """Asks for all of them in turn, as fast as the answers come."""


@dataclass(frozen=True)
class Served:
    """By HTTP; `target` is a poll in the server's own words."""

    server: Server
    target: Callable[[Poll], str]
    generator: Generator

    @property
    def pids(self) -> Mapping[str, int]:
        """The server's."""
        return self.server.pids

    def load(self, polls: Sequence[Poll], *, connections: int, seconds: float) -> Load:
        """By the load generator of this run."""
        targets = [self.target(poll) for poll in polls]
        return self.generator(self.server.url, targets, connections=connections, seconds=seconds)

    def answer(self, poll: Poll) -> Any:  # noqa: ANN401  whatever JSON there is
        """On a connection of its own."""
        return ask(self.server.url + self.target(poll))


@dataclass(frozen=True)
class _Called:
    """The function by itself, by pgbench: on as many connections as PostgREST has, at most."""

    dsn: str
    pids: Mapping[str, int] = field(default_factory=dict)

    def load(self, polls: Sequence[Poll], *, connections: int, seconds: float) -> Load:
        """On kept connections, with prepared statements."""
        return load_by_pgbench(self.dsn, in_turn(polls), connections=min(connections, CONNECTIONS), seconds=seconds)


Start = Callable[[Databases, Generator], AbstractContextManager[Running]]


@dataclass(frozen=True)
class Contender:
    """Who takes part in which cases; whether it `answers` with the events, and `follows` from answer to answer."""

    name: str
    start: Start
    is_peer: bool = False
    answers: bool = True
    follows: bool = False
    takes: Callable[[Case], bool] = lambda _: True


def by_cursor(poll: Poll) -> str:
    """The endpoint's target, for our product."""
    return path(poll.session_id, poll.query(by_cursor=True))


def by_since(poll: Poll) -> str:
    """The endpoint's target, for a server that knows no cursor."""
    return path(poll.session_id, poll.query(by_cursor=False))


def _function(poll: Poll) -> str:
    arguments = {f"p_{name}": value for name, value in poll.query(by_cursor=True).items()}
    return f"/rpc/session_events?{urlencode({'p_session_id': str(poll.session_id), **arguments})}"


def _served(start: Callable[[Databases], AbstractContextManager[Server]], target: Callable[[Poll], str]) -> Start:
    @contextmanager
    def served(found: Databases, generator: Generator) -> Iterator[Running]:
        with start(found) as server:
            yield Served(server, target, generator)

    return served


CONTENDERS = (
    Contender(PRODUCT, _served(lambda found: product(found.adopted), by_cursor), follows=True),
    Contender("PostgREST alone, `session_events()`", _served(lambda found: postgrest_alone(found.adopted), _function)),
    Contender(
        "aiohttp + psycopg", _served(lambda found: handwritten(found.adopted), by_since), is_peer=True, follows=True
    ),
    Contender("FastAPI + asyncpg", _served(lambda found: lean(found.adopted), by_since), is_peer=True, follows=True),
    Contender(
        "aiohttp + psycopg, parent's indexes",
        _served(lambda found: handwritten(found.parent), by_since),
        takes=lambda case: case.crowding == FEW and case.question in {FEW_EACH, FIRST, TYPE},
    ),
    Contender(
        "`session_events()` under pgbench",
        lambda found, _: nullcontext(_Called(found.adopted)),
        answers=False,
        takes=lambda case: case.crowding in {ONE, FEW},
    ),
    Contender(
        "bare aiohttp, constant answer",
        _served(lambda _: constant(), by_cursor),
        answers=False,
        follows=True,
        takes=lambda case: case.question in {IDLE_EACH, IDLE_ONE},
    ),
)


@contextmanager
def contenders(
    found: Databases, generator: Generator, entrants: Sequence[Contender] = CONTENDERS
) -> Iterator[dict[Contender, Running]]:
    """All of them, at once: those that are not asked only wait."""
    with ExitStack() as stack:
        yield {contender: stack.enter_context(contender.start(found, generator)) for contender in entrants}


@contextmanager
def ours(found: Databases) -> Iterator[Served]:
    """This product by itself, asked by our own client."""
    with product(found.adopted) as server:
        yield Served(server, by_cursor, by_own_client)


def check_agreement(question: str, poll: Poll, servers: Mapping[str, Served]) -> None:
    """A comparison of different answers would be worth nothing.

    Raises:
        StackError: they differ.
    """
    answers = {name: _comparable(server.answer(poll)) for name, server in servers.items()}
    (base, expected), *others = answers.items()
    for name, answer in others:
        if answer["items"] != expected["items"]:
            raise StackError(f"{name} and {base} give different events for: {question}")
        if answer.keys() == expected.keys() and answer != expected:
            raise StackError(f"{name} and {base} give different totals for: {question}")


def _comparable(answer: Any) -> dict[str, Any]:  # noqa: ANN401  whatever JSON there is
    """The items and, where they are given, the numbers of the pagination."""
    if isinstance(answer, list):
        return {"items": answer}
    return {
        "items": answer["items"],
        "total": answer["pagination"]["total"],
        "returned": answer["pagination"]["returned"],
    }
