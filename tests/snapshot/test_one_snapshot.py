"""Total, items and status of an answer are of one moment, while others insert and delete."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest

from stack.binaries import REPOSITORY
from stack.postgres import Cluster
from tests.snapshot.writers import BATCH, at_work
from tests.support.client import Client
from tests.support.prepared import TEMPLATE
from tests.support.rows import add_session

LIMIT = 1000
POLLS = 120
BEFORE_ALL = "2026-01-01T00:00:00Z"


@dataclass(frozen=True)
class Seen:
    """What one answer said of the session."""

    total: int
    items: int
    active: bool

    @property
    def whole(self) -> bool:
        """Whether there was ever a committed state like this."""
        batches, rest = divmod(self.total, BATCH)
        return self.total == self.items and rest == 0 and self.active == (batches % 2 == 0)


def by_call(connection: psycopg.Connection[Any], session_id: UUID, **filters: str) -> Seen:
    """A call of the function."""
    arguments: dict[str, object] = {"p_session_id": session_id, "p_limit": LIMIT, **filters}
    named = ", ".join(f"{name} => %({name})s" for name in arguments)
    with connection.transaction():
        rows = connection.execute(f"select id from api.session_events({named})", arguments).fetchall()  # noqa: S608
        setting = connection.execute("select current_setting('response.headers')").fetchone()
    assert setting is not None
    headers = {name: value for header in json.loads(setting[0]) for name, value in header.items()}
    return Seen(int(headers["Total-Count"]), len(rows), headers["Session-Status"] == "in_progress")


def over_http(client: Client, session_id: UUID, **filters: str) -> Seen:
    """A poll; the status shows in how soon the next one is wanted."""
    parameters: dict[str, Any] = {"limit": LIMIT, **filters}
    response = client.get(session_id, **parameters)
    assert response.status_code == 200, response.text
    body = response.json()
    return Seen(body["pagination"]["total"], len(body["items"]), response.headers["X-Poll-Interval"] == "2")


def polls(
    connection: psycopg.Connection[Any], client: Client, session_id: UUID, filters: dict[str, str]
) -> Iterator[Seen]:
    """POLLS answers over HTTP, and as many of the function."""
    named = {f"p_{name}": value for name, value in filters.items()}
    for _ in range(POLLS):
        yield over_http(client, session_id, **filters)
        yield by_call(connection, session_id, **named)


@pytest.mark.parametrize("kind", ["all", "since", "event_type", "cursor"])
def test_answers_are_of_one_snapshot(
    writer: psycopg.Connection[Any], client: Client, database_url: str, kind: str
) -> None:
    """Whatever the filter, every answer should show a state that was committed: total, items and status together."""
    session_id = add_session(writer)
    filters = {
        "all": {},
        "since": {"since": BEFORE_ALL},
        "event_type": {"event_type": "info"},
        "cursor": {"cursor": client.page(session_id)["cursor"]},
    }[kind]
    with at_work(database_url, session_id):
        seen = list(polls(writer, client, session_id, filters))
    assert [answer for answer in seen if not answer.whole] == []
    # The writers were at work all along, or it would prove nothing.
    assert len({answer.total for answer in seen}) > 10
    assert {answer.active for answer in seen} == {True, False}


def test_a_torn_read_would_be_seen(cluster: Cluster) -> None:
    """The same writers should soon show a state that never was, if the function took a snapshot per statement."""
    cluster.create_database("torn", template=TEMPLATE)
    dsn = cluster.dsn("torn")
    function = (REPOSITORY / "db" / "functions" / "print_page.sql").read_text()
    assert function.count("\nstable\n") == 1
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(function.replace("\nstable\n", "\nvolatile\n"))
        session_id = add_session(connection)
        with at_work(dsn, session_id):
            seen = (by_call(connection, session_id) for _ in range(20 * POLLS))
            torn = next((answer for answer in seen if not answer.whole), None)
    assert torn is not None
