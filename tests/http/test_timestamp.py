"""`timestamp` of one answer as the `since` of the next."""

import re
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import psycopg

from tests.support.client import Client
from tests.support.rows import Event, add_events

Writer = psycopg.Connection[Any]


def test_form(client: Client, session_id: UUID) -> None:
    """It should be UTC with six digits and Z, which needs no escape in a URL."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", client.page(session_id)["timestamp"])


def test_nothing_again(client: Client, writer: Writer, session_id: UUID) -> None:
    """US2.2: with no writer in flight the next poll should bring nothing again."""
    add_events(writer, session_id, [Event(timestamp=_clock(writer))])
    first = client.page(session_id)
    assert first["pagination"]["returned"] == 1
    assert client.page(session_id, since=first["timestamp"])["items"] == []


def test_between_the_clocks(client: Client, writer: Writer, session_id: UUID) -> None:
    """It should be the time of the request by the database's clock, and never later than that."""
    before = _clock(writer)
    stamp = datetime.fromisoformat(client.page(session_id)["timestamp"])
    assert before <= stamp < _clock(writer)


def test_held_back_to_an_open_writer(client: Client, database_url: str, writer: Writer, session_id: UUID) -> None:
    """US2.1: an event committed late should be found by the timestamp of a poll made before its commit."""
    late, other = Event(), Event()
    with psycopg.connect(database_url) as slow:
        began = _began(slow)
        late = Event(timestamp=began)
        add_events(slow, session_id, [late])
        other = Event(timestamp=_clock(writer))
        add_events(writer, session_id, [other])
        first = client.page(session_id)
        assert [item["id"] for item in first["items"]] == [str(other.id)]
        assert datetime.fromisoformat(first["timestamp"]) < began
    second = client.page(session_id, since=first["timestamp"])
    assert [item["id"] for item in second["items"]] == [str(other.id), str(late.id)]
    assert client.ids(session_id, since=second["timestamp"]) == []


def test_held_back_by_any_writer(client: Client, database_url: str, session_id: UUID) -> None:
    """A writer of another table should hold it back too: nobody knows what it will write next."""
    with psycopg.connect(database_url) as slow:
        began = _began(slow)
        slow.execute("select pg_current_xact_id()")
        assert datetime.fromisoformat(client.page(session_id)["timestamp"]) < began


def test_not_held_back_by_a_reader(client: Client, database_url: str, session_id: UUID) -> None:
    """A transaction that only reads should not hold it back."""
    with psycopg.connect(database_url) as reader:
        began = _began(reader)
        reader.execute("select count(*) from public.events")
        assert datetime.fromisoformat(client.page(session_id)["timestamp"]) > began


def test_oldest_of_several_writers(client: Client, database_url: str, session_id: UUID) -> None:
    """It should be held back to the oldest writer, not to the last one seen."""
    with psycopg.connect(database_url) as older, psycopg.connect(database_url) as younger:
        began = _began(older)
        _began(younger)
        for connection in (younger, older):
            connection.execute("select pg_current_xact_id()")
        assert datetime.fromisoformat(client.page(session_id)["timestamp"]) < began
        older.rollback()
        assert datetime.fromisoformat(client.page(session_id)["timestamp"]) > began


def test_held_back_by_a_prepared_transaction(client: Client, database_url: str, session_id: UUID) -> None:
    """An event in a prepared transaction should be found after its commit too."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("begin")
        event = Event(timestamp=_began(connection))
        add_events(connection, session_id, [event])
        connection.execute("prepare transaction 'tests-http'")
        first = client.page(session_id)
        connection.execute("commit prepared 'tests-http'")
        assert client.ids(session_id, since=first["timestamp"]) == [str(event.id)]


def test_never_backward(client: Client, database_url: str, session_id: UUID) -> None:
    """It should not step back below the "since" that came, even to a transaction that began earlier and writes now."""
    with psycopg.connect(database_url) as slow:
        _began(slow)
        first = client.page(session_id)["timestamp"]
        slow.execute("select pg_current_xact_id()")
        second = client.page(session_id, since=first)["timestamp"]
    assert second >= first


def _clock(connection: Writer) -> datetime:
    return _time(connection, "select clock_timestamp()")


def _began(connection: Writer) -> datetime:
    """Begins a transaction where none is open; when that was."""
    return _time(connection, "select now()")


def _time(connection: Writer, statement: LiteralString) -> datetime:
    row = connection.execute(statement).fetchone()
    assert row is not None
    moment: datetime = row[0]
    return moment
