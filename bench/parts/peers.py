"""This product beside its peers: the same data, the same questions, the same answers, one load."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode
from uuid import UUID

import psycopg

from bench.calls import newest
from bench.client import ask
from bench.databases import Databases, vacuum
from bench.load import Generator, Load
from bench.peers.servers import handwritten, postgrest_alone, product
from bench.rounds import alternate, ratio, spread
from bench.scale import Scale
from bench.tables import Cell, Table
from stack.errors import StackError

PRODUCT = "this product"
POSTGREST = "PostgREST alone, same function"
INDEXED = "hand-written, our indexes"
PARENT = "hand-written, parent's indexes"
# What the others are compared with.
BASE = PARENT
NEW_EVENTS = 3
LIMIT_MS = 500


@dataclass(frozen=True)
class Servers:
    """Where the contenders listen."""

    product: str
    postgrest: str
    indexed: str
    parent: str

    def urls(self, session_id: UUID, question: Mapping[str, str]) -> dict[str, str]:
        """One question to all of them."""
        path = f"/api/v2/sessions/{session_id}/events?{urlencode(question)}"
        return {
            PRODUCT: self.product + path,
            POSTGREST: self.postgrest + self._function(session_id, question),
            INDEXED: self.indexed + path,
            PARENT: self.parent + path,
        }

    def cursor_urls(self, session_id: UUID, cursor: str) -> dict[str, str]:
        """The question that only our function understands."""
        question = {"cursor": cursor}
        path = f"/api/v2/sessions/{session_id}/events?{urlencode(question)}"
        return {
            f"{PRODUCT}, cursor": self.product + path,
            f"{POSTGREST}, cursor": self.postgrest + self._function(session_id, question),
        }

    @staticmethod
    def _function(session_id: UUID, question: Mapping[str, str]) -> str:
        arguments = {"p_session_id": str(session_id)} | {f"p_{name}": value for name, value in question.items()}
        return f"/rpc/session_events?{urlencode(arguments)}"


@contextmanager
def servers(found: Databases) -> Iterator[Servers]:
    """All contenders, at once: those that are not asked only wait."""
    with (
        product(found.adopted) as ours,
        postgrest_alone(found.adopted) as rest,
        handwritten(found.adopted) as indexed,
        handwritten(found.parent) as parent,
    ):
        yield Servers(ours, rest, indexed, parent)


def measure(found: Databases, scale: Scale, load: Generator) -> list[Table]:
    """Requests a second for each question, then a hundred pollers."""
    with servers(found) as contenders:
        questions = _questions(found, contenders)
        for question, urls in questions.items():
            check_agreement(question, urls)
        rows: list[Sequence[Cell]] = []
        for question, urls in questions.items():
            loaded = partial(load, connections=scale.connections, seconds=scale.seconds)
            runs = {name: partial(loaded, url) for name, url in urls.items()}
            rows += _rows(question, alternate(runs, scale.rounds))
        pollers = {name: url for name, url in questions["poll, nothing new"].items() if not name.startswith(POSTGREST)}
        crowd = _crowd(pollers, scale, load)
    return [
        Table(
            "peers",
            f"A session of {scale.typical:,} events in a table of {scale.events:,}, {scale.connections} connections",
            ["request", "server", "requests/s", f"ratio to {BASE}", "p50, ms", "p95", "p99", "errors"],
            rows,
            f"Medians of {scale.rounds} rounds of {scale.seconds:g} s, one server after the other in each round, with"
            " the least and the greatest ratio. Without a cursor a poll is asked with `since`."
            " Before the first round all servers gave the same events.",
        ),
        crowd,
    ]


def _questions(found: Databases, contenders: Servers) -> dict[str, dict[str, str]]:
    """URLs by question and contender."""
    session_id = found.typical
    urls = partial(contenders.urls, session_id)
    base = f"{contenders.product}/api/v2/sessions/{session_id}/events?limit=1"
    seen, before = newest(found, session_id), ask(base)["cursor"]
    for dsn in (found.parent, found.adopted):
        _add_events(dsn, session_id)
        vacuum(dsn)
    latest, now = newest(found, session_id), ask(base)["cursor"]
    return {
        "poll, nothing new": contenders.cursor_urls(session_id, now) | urls({"since": latest}),
        f"poll, {NEW_EVENTS} new": contenders.cursor_urls(session_id, before) | urls({"since": seen}),
        "first page of 100": urls({}),
        "one type, page of 100": urls({"event_type": "error"}),
        "page of 1000": urls({"limit": "1000"}),
    }


def _crowd(pollers: Mapping[str, str], scale: Scale, load: Generator) -> Table:
    rows: list[Sequence[Cell]] = []
    unpaced = partial(load, connections=scale.pollers, seconds=scale.seconds)
    eager = {name: partial(unpaced, url) for name, url in pollers.items()}
    rows += _rows(f"{scale.pollers} at once, without a pause", alternate(eager, scale.rounds))
    paced = partial(load, connections=scale.pollers, seconds=scale.paced_seconds, pace=scale.pace)
    patient = {name: partial(paced, url) for name, url in pollers.items()}
    rows += _rows(f"{scale.pollers}, one request every {scale.pace:g} s each", alternate(patient, 1), paced=True)
    return Table(
        "pollers",
        f"{scale.pollers} concurrent pollers that find nothing new (SC-001, SC-003)",
        ["pollers", "server", "requests/s", f"ratio to {BASE}", "p50, ms", "p95", "p99", "errors"],
        rows,
        f"SC-001 asks for a 95th percentile below {LIMIT_MS} ms, SC-003 for no errors.",
    )


def _rows(question: str, loads: Mapping[str, Sequence[Load]], *, paced: bool = False) -> list[Sequence[Cell]]:
    base = [load.per_second for load in loads[BASE]]
    rows: list[Sequence[Cell]] = []
    for name, measured in loads.items():
        speeds = [load.per_second for load in measured]
        rows.append(
            [
                question,
                name,
                spread(speeds).median,
                # Everyone keeps pace there.
                None if paced else ratio(speeds, base),
                spread(load.p50 for load in measured).median,
                spread(load.p95 for load in measured).median,
                spread(load.p99 for load in measured).median,
                sum(load.errors for load in measured),
            ]
        )
    return rows


def check_agreement(question: str, urls: Mapping[str, str]) -> None:
    """A comparison of different answers would be worth nothing.

    Raises:
        StackError: they differ.
    """
    answers = {name: ask(url) for name, url in urls.items()}
    for name, answer in answers.items():
        items = answer if isinstance(answer, list) else answer["items"]
        if items != answers[BASE]["items"]:
            raise StackError(f"{name} and {BASE} give different events for: {question}")
        if not isinstance(answer, list) and answer["pagination"] != answers[BASE]["pagination"]:
            raise StackError(f"{name} and {BASE} give different totals for: {question}")


def _add_events(dsn: str, session_id: UUID) -> None:
    """The same few newest events in every database."""
    with psycopg.connect(dsn) as connection:
        connection.execute(
            """
            insert into public.events (id, session_id, event_type, event_data, message, "timestamp")
            select
                ('ffffffff-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, %s, 'info', '{"n": 1}', 'new',
                timestamptz '2026-02-01 00:00:00Z' + n * interval '1 s'
            from generate_series(1, %s) as n
            """,
            [session_id, NEW_EVENTS],
        )
