"""Row level security that would hide rows is a loud error, never a short answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest

from stack.postgres import Cluster
from stack.whole import Stack, stack
from tests.polling.pollers import call
from tests.support.client import Client, assert_problem
from tests.support.prepared import PrivateDirectory
from tests.support.rows import add_events, add_session, spread

from .leaks import assert_nothing_leaks

EVENTS = 8
# What hides some rows, and what hides all; of either table.
POLICIES = {
    "some events": ["events", "create policy shown on public.events using (event_type <> 'error')"],
    "every event": ["events", "select"],
    "some sessions": ["sessions", "create policy shown on public.sessions using (status = 'completed')"],
    "every session": ["sessions", "select"],
    # One that lets all rows through today may hide some tomorrow.
    "no event": ["events", "create policy shown on public.events using (true)"],
}


@dataclass(frozen=True)
class Polled:
    """A session with events, and the ways to it: the owner's, a client's."""

    owner: psycopg.Connection[Any]
    client: Client
    session_id: UUID
    cursor: str
    log: Cluster


@pytest.fixture(scope="module")
def secured(prepared: PrivateDirectory) -> Iterator[Stack]:
    """A stack of its own: the rights of a role are the whole cluster's."""
    with prepared() as directory, stack(directory) as running:
        yield running


@pytest.fixture
def polled(secured: Stack) -> Iterator[Polled]:
    """A session whose tables get a policy, which goes again."""
    assert secured.cluster is not None
    client = Client(secured.proxy_url)
    with client.session, psycopg.connect(secured.database_url, autocommit=True) as owner:
        session_id = add_session(owner)
        add_events(owner, session_id, spread(EVENTS - 3))
        add_events(owner, session_id, spread(3, event_type="error"))
        _, answer = call(owner, {"p_session_id": session_id})
        yield Polled(owner, client, session_id, answer["Events-Cursor"], secured.cluster)
        for table in ("events", "sessions"):
            owner.execute(f"drop policy if exists shown on public.{table}".encode())
            owner.execute(f"alter table public.{table} disable row level security".encode())
        owner.execute("alter role session_events_definer nobypassrls")


def secure(owner: psycopg.Connection[Any], policy: str) -> None:
    """Makes row security of a table hold for whoever does not own it."""
    table, statement = POLICIES[policy]
    owner.execute(f"alter table public.{table} enable row level security".encode())
    owner.execute(statement.encode())


@pytest.mark.parametrize("with_cursor", [False, True], ids=["first_poll", "with_a_cursor"])
@pytest.mark.parametrize("policy", POLICIES)
def test_a_call_says_what_is_wrong(polled: Polled, policy: str, with_cursor: bool) -> None:
    """A DBA who calls the function should get an error that names row security, not fewer rows."""
    secure(polled.owner, policy)
    cursor = polled.cursor if with_cursor else None
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        call(polled.owner, {"p_session_id": polled.session_id, "p_cursor": cursor})


@pytest.mark.parametrize("with_cursor", [False, True], ids=["first_poll", "with_a_cursor"])
@pytest.mark.parametrize("policy", POLICIES)
def test_a_client_is_told_to_come_again(polled: Polled, policy: str, with_cursor: bool) -> None:
    """A client should get a 503 that tells nothing of it, and the operator find the reason in PostgreSQL's log."""
    secure(polled.owner, policy)
    before = polled.log.log_path.stat().st_size
    parameters: dict[str, Any] = {"cursor": polled.cursor} if with_cursor else {}
    response = polled.client.get(polled.session_id, **parameters)
    assert_problem(response, 503)
    assert "Retry-After" in response.headers
    assert_nothing_leaks(response)
    with polled.log.log_path.open("rb") as log:
        log.seek(before)
        assert b"row-level security" in log.read()


def test_a_client_is_answered_once_it_is_mended(polled: Polled) -> None:
    """With the right to pass row security by the answer should be whole again, with the policy still there."""
    secure(polled.owner, "some events")
    assert_problem(polled.client.get(polled.session_id), 503)
    polled.owner.execute("alter role session_events_definer bypassrls")
    assert polled.client.page(polled.session_id)["pagination"]["total"] == EVENTS
