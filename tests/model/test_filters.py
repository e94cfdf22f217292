"""Every answer, over HTTP and by a call, is what the contract says about what was written (SC-002)."""

from typing import Any
from uuid import UUID, uuid4

import psycopg
from hypothesis import example, given

from tests.model.answers import by_call, over_http
from tests.model.oracle import Written, expected
from tests.model.strategies import BATCHES, Case, at_the_cap, cases
from tests.model.tables import write, written
from tests.support.client import Client
from tests.support.rows import add_session, add_step


@example(case=at_the_cap())
@given(case=cases())
def test_answers_are_the_oracles(case: Case, application: psycopg.Connection[Any], client: Client) -> None:
    """Any question, in any spelling, on any page, should get exactly the matching events, in order and unchanged."""
    with application.transaction():
        session_id, other = add_session(application), add_session(application)
        batches = _batches(case, {False: session_id, True: other}, application)
    cursors = [over_http(client, session_id, "limit=1", None).cursor]
    for batch in batches:
        write(application, batch)
        cursors.append(over_http(client, session_id, "limit=1", None).cursor)

    for poll in case.polls:
        unseen = batches[poll.after_batch or 0 :]
        events = [event for batch in unseen for event in batch if event.session_id == session_id]
        cursor = None if poll.after_batch is None else cursors[poll.after_batch]
        oracle = expected(events, poll.question)
        called = by_call(application, session_id, poll.question, cursor)
        assert called.page == oracle
        if poll.query is not None:
            answered = over_http(client, session_id, poll.query, cursor)
            assert answered.page == oracle
            assert answered.event_data == called.event_data


def _batches(case: Case, sessions: dict[bool, UUID], connection: psycopg.Connection[Any]) -> list[list[Written]]:
    """The case's events by batch; makes the steps that they belong to."""
    run = uuid4().int >> 64
    steps = {session_id: add_step(connection, session_id) for session_id in sessions.values()}
    batches: list[list[Written]] = [[] for _ in range(BATCHES)]
    for draft in case.drafts:
        session_id = sessions[draft.of_other_session]
        batches[draft.batch].append(written(draft, run, session_id, steps[session_id]))
    return batches
