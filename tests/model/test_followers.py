"""Clients that follow a session while transactions begin, commit and roll back around them, in any order."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.model import strategies
from tests.model.answers import by_call, over_http
from tests.model.moments import iso, moment
from tests.model.oracle import Question, Written, expected
from tests.model.strategies import Draft
from tests.model.tables import write, written
from tests.support.client import Client, assert_problem
from tests.support.rows import add_session

WRITERS = 2
INSTANTS = [moment(2026, 1, 13), moment(2026, 1, 13, micros=5_000_000)]
TYPES = ["info", "error"]
DRAFTS = strategies.drafts(INSTANTS, TYPES, min_size=1, max_size=4)
QUESTIONS = st.builds(
    Question, event_type=st.none() | st.sampled_from(TYPES), limit=st.sampled_from([2, 100]), page=st.integers(1, 2)
)


@dataclass(frozen=True)
class Cursor:
    """A cursor, and which events were committed when it was taken."""

    text: str
    session_id: UUID
    seen: frozenset[UUID]


class Followers(RuleBasedStateMachine):
    """One session at a time, two writers with transactions of their own, and any number of cursors."""

    cursors = Bundle("cursors")

    def __init__(self, writers: list[psycopg.Connection[Any]], reader: psycopg.Connection[Any], client: Client) -> None:
        super().__init__()
        self.writers, self.reader, self.client = writers, reader, client
        self.in_flight: dict[int, list[Written]] = {}
        self.committed: list[Written] = []
        self.session_id = add_session(reader)

    @rule(number=st.integers(0, WRITERS - 1), drafts=DRAFTS)
    def write(self, number: int, drafts: list[Draft]) -> None:
        """A writer writes, and keeps its transaction open."""
        run = uuid4().int >> 64
        events = [written(draft, run, self.session_id, None) for draft in drafts]
        write(self.writers[number], events)
        self.in_flight.setdefault(number, []).extend(events)

    @rule(drafts=DRAFTS)
    def write_at_once(self, drafts: list[Draft]) -> None:
        """Another writer, whose transaction begins and ends while those of the others go on."""
        run = uuid4().int >> 64
        events = [written(draft, run, self.session_id, None) for draft in drafts]
        write(self.reader, events)
        self.committed += events

    @precondition(lambda self: self.in_flight)
    @rule(data=st.data(), commit=st.sampled_from([True, True, False]))
    def end_transaction(self, data: st.DataObject, commit: bool) -> None:
        """A writer commits or rolls back; not always the one that began first."""
        number = data.draw(st.sampled_from(sorted(self.in_flight)))
        events = self.in_flight.pop(number)
        if commit:
            self.writers[number].commit()
            self.committed += events
        else:
            self.writers[number].rollback()

    @precondition(lambda self: not self.in_flight and len(self.committed) > 20)
    @rule()
    def delete_session(self) -> None:
        """The session goes with its events and steps; the next one is another."""
        self.reader.execute("delete from public.sessions where id = %s", [self.session_id])
        assert_problem(self.client.get(self.session_id), 404)
        with pytest.raises(psycopg.errors.NoDataFound):
            by_call(self.reader, self.session_id, Question(), None)
        self.session_id, self.committed = add_session(self.reader), []

    @rule(target=cursors, question=QUESTIONS, since=st.none() | strategies.near(INSTANTS))
    def look(self, question: Question, since: int | None) -> MultipleResults[Cursor]:
        """A poll without a cursor sees what is committed."""
        return self._poll(replace(question, since=since), None)

    @rule(target=cursors, cursor=cursors, question=QUESTIONS)
    def follow(self, cursor: Cursor, question: Question) -> MultipleResults[Cursor]:
        """A poll with a cursor sees what was committed after it was taken, whenever that began: all of it, and once."""
        if cursor.session_id != self.session_id:
            assert_problem(self.client.get(self.session_id, cursor=cursor.text), 400, "cursor")
            return multiple()
        return self._poll(question, cursor)

    def teardown(self) -> None:
        """Leaves the connections as they were."""
        for writer in self.writers:
            writer.rollback()

    def _poll(self, question: Question, cursor: Cursor | None) -> MultipleResults[Cursor]:
        """Asks both ways; both answers' cursors have seen what is committed."""
        seen = cursor.seen if cursor else frozenset()
        text = cursor.text if cursor else None
        oracle = expected([event for event in self.committed if event.id not in seen], question)
        answers = [
            over_http(self.client, self.session_id, _query(question), text),
            by_call(self.reader, self.session_id, question, text),
        ]
        for answer in answers:
            assert answer.page == oracle
        now_seen = frozenset(event.id for event in self.committed)
        return multiple(*(Cursor(answer.cursor, self.session_id, now_seen) for answer in answers))


def _query(question: Question) -> str:
    values = {
        "since": None if question.since is None else iso(question.since),
        "event_type": question.event_type,
        "limit": question.limit,
        "page": question.page,
    }
    return urlencode({name: value for name, value in values.items() if value is not None})


@pytest.fixture(scope="module")
def writers(database_url: str) -> Iterator[list[psycopg.Connection[Any]]]:
    """Connections that commit when they are told."""
    with ExitStack() as connections:
        yield [connections.enter_context(psycopg.connect(database_url)) for _ in range(WRITERS)]


def test_followers_see_each_commit_once(
    writers: list[psycopg.Connection[Any]], application: psycopg.Connection[Any], client: Client
) -> None:
    """Whatever writers and clients do in whatever order, every poll should see exactly what is committed and untold."""
    machine = settings(max_examples=settings().max_examples // 3, stateful_step_count=40)
    run_state_machine_as_test(
        lambda: Followers(writers, application, client),  # type: ignore[arg-type]  # any callable will do
        settings=machine,
    )
