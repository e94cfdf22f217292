"""Who is compared, and the questions that all of them are asked."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode
from uuid import UUID

import psycopg

from bench.calls import newest
from bench.client import ask
from bench.databases import Databases, vacuum
from bench.peers.servers import Server, handwritten, postgrest_alone, product
from stack.errors import StackError

_PRODUCT = "this product"
POSTGREST = "PostgREST alone, same function"
_INDEXED = "hand-written, our indexes"
PARENT = "hand-written, parent's indexes"
# What the others are compared with.
BASE = PARENT
IDLE = "poll, nothing new"
_NEW_EVENTS = 3


@dataclass(frozen=True)
class Asked:
    """One question to one server."""

    server: Server
    target: str

    @property
    def url(self) -> str:
        """The question as a URL."""
        return self.server.url + self.target


@dataclass(frozen=True)
class Contenders:
    """The servers that are compared."""

    product: Server
    postgrest: Server
    indexed: Server
    parent: Server

    def asked(self, session_id: UUID, question: Mapping[str, str]) -> dict[str, Asked]:
        """One question to all of them."""
        target = _target(session_id, question)
        return {
            _PRODUCT: Asked(self.product, target),
            POSTGREST: Asked(self.postgrest, _function(session_id, question)),
            _INDEXED: Asked(self.indexed, target),
            PARENT: Asked(self.parent, target),
        }

    def asked_by_cursor(self, session_id: UUID, cursor: str) -> dict[str, Asked]:
        """The question that only our function understands."""
        question = {"cursor": cursor}
        return {
            f"{_PRODUCT}, cursor": Asked(self.product, _target(session_id, question)),
            f"{POSTGREST}, cursor": Asked(self.postgrest, _function(session_id, question)),
        }


@contextmanager
def contenders(found: Databases) -> Iterator[Contenders]:
    """All of them, at once: those that are not asked only wait."""
    with (
        product(found.adopted) as ours,
        postgrest_alone(found.adopted) as rest,
        handwritten(found.adopted) as indexed,
        handwritten(found.parent) as parent,
    ):
        yield Contenders(ours, rest, indexed, parent)


def questions(found: Databases, who: Contenders) -> dict[str, dict[str, Asked]]:
    """By question and contender; adds the few newest events that some of them ask for."""
    session_id = found.typical
    asked = partial(who.asked, session_id)
    first = f"{who.product.url}{_target(session_id, {'limit': '1'})}"
    seen, before = newest(found, session_id), ask(first)["cursor"]
    for dsn in (found.parent, found.adopted):
        _add_events(dsn, session_id)
        vacuum(dsn)
    latest, now = newest(found, session_id), ask(first)["cursor"]
    return {
        IDLE: who.asked_by_cursor(session_id, now) | asked({"since": latest}),
        f"poll, {_NEW_EVENTS} new": who.asked_by_cursor(session_id, before) | asked({"since": seen}),
        "first page of 100": asked({}),
        "one type, page of 100": asked({"event_type": "error"}),
        "page of 1000": asked({"limit": "1000"}),
    }


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


def _target(session_id: UUID, question: Mapping[str, str]) -> str:
    return f"/api/v2/sessions/{session_id}/events?{urlencode(question)}"


def _function(session_id: UUID, question: Mapping[str, str]) -> str:
    arguments = {"p_session_id": str(session_id)} | {f"p_{name}": value for name, value in question.items()}
    return f"/rpc/session_events?{urlencode(arguments)}"


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
            [session_id, _NEW_EVENTS],
        )
