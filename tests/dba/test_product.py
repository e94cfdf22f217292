"""What the parent product may notice of the adoption, as docs/dba.md says."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from stack.postgres import Cluster
from tests.dba.situations import create_parent
from tests.migrations.scripts import deploy, run, script
from tests.polling.pollers import call

EVERYTHING = "select * from public.events limit 1"


@pytest.fixture
def product(cluster: Cluster) -> Iterator[str]:
    """The way to a database that the parent product uses, on the tests' server."""
    create_parent(lambda name: psycopg.connect(cluster.dsn(name)), "aware")
    yield cluster.dsn("aware")
    with psycopg.connect(cluster.dsn("postgres"), autocommit=True) as connection:
        connection.execute("drop database aware")


@pytest.fixture
def connection(product: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection that the product had before the adoption, with a statement prepared on it."""
    with psycopg.connect(product, autocommit=True) as connection:
        connection.execute(EVERYTHING, prepare=True)
        deploy(product)
        yield connection


def test_prepared_select_of_everything_fails(product: str, connection: psycopg.Connection[Any]) -> None:
    """A prepared SELECT * should fail after the adoption, and work on a new connection."""
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="cached plan must not change result type"):
        connection.execute(EVERYTHING, prepare=True)
    with psycopg.connect(product) as reconnected:
        assert reconnected.execute(EVERYTHING, prepare=True).fetchone()


def test_copy_needs_a_list_of_columns(connection: psycopg.Connection[Any]) -> None:
    """COPY without a list of columns should miss the eighth; with one it should leave our column to its default."""
    session_id = connection.execute("select id from public.sessions limit 1").fetchone()
    assert session_id
    with pytest.raises(psycopg.errors.BadCopyFileFormat, match="insert_xid"):
        copy(connection, "copy public.events from stdin", session_id[0], 1)
    columns = "id, session_id, step_id, event_type, event_data, message, timestamp"
    copy(connection, f"copy public.events ({columns}) from stdin", session_id[0], 2)
    ours = connection.execute("select xmin::text = insert_xid::text from public.events where id = %s", [UUID(int=2)])
    assert ours.fetchone() == (True,)


def test_second_adoption_tells_everything_once_more(product: str, connection: psycopg.Connection[Any]) -> None:
    """A cursor from before a revert and another deploy should be told the whole session again, and nothing be lost."""
    (session_id,) = connection.execute("select session_id from public.events limit 1").fetchone() or (None,)
    answer = call(connection, {"p_session_id": session_id})[1]
    steps = ("events_insert_xid", "events_by_xid", "events_stamped")
    run(product, *(script("revert", step) for step in reversed(steps)))
    run(product, *(script("deploy", step) for step in steps))
    again = call(connection, {"p_session_id": session_id, "p_cursor": answer["Events-Cursor"]})[1]
    assert again["Total-Count"] == answer["Total-Count"] != "0"


def copy(connection: psycopg.Connection[Any], statement: Any, session_id: UUID, number: int) -> None:
    """Copies one event in, of the seven columns that the product knows."""
    with connection.cursor().copy(statement) as channel:
        channel.write_row([UUID(int=number), session_id, None, "info", "{}", None, "2026-01-13T14:30:00Z"])
