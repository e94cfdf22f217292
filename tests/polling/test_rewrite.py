"""A poll that waits for the lock of somebody who rebuilds a table: a rewrite is not MVCC-safe."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest

from stack.datadir import private_directory
from stack.postgres import Cluster
from stack.postgrest import authenticator_uri
from stack.whole import stack
from tests.polling.pollers import CursorPoller, committed_events
from tests.polling.states import exists, flush_wal, until, wait_for_replay, waits_to_read
from tests.support.client import Client
from tests.support.prepared import TEMPLATE
from tests.support.rows import add_events, add_session, spread

BEFORE, NEW = 50, 7
# A new expression rewrites the table again where the type is already there.
TYPE = "alter table public.events alter message type varchar(5000) using left(message, 5000)"
COLUMN = "alter table public.events add column {} uuid default gen_random_uuid()"
SESSIONS = "alter table public.sessions add column {} uuid default gen_random_uuid()"
REWRITES = {
    "type": TYPE,
    "column": COLUMN.format("note"),
    "sessions": SESSIONS.format("note"),
    "cluster": "cluster public.events using events_pkey",
}
Connection = psycopg.Connection[Any]


@contextmanager
def held_up(watcher: Connection, poll: Callable[[], Any]) -> Iterator[Future[Any]]:
    """A poll that waits for a table's lock inside the context, and has its answer after it."""
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(poll)
        tables = ("public.events", "public.sessions")
        until(lambda: answer.done() or any(waits_to_read(watcher, table) for table in tables))
        assert not answer.done(), "the poll waited for nothing"
        yield answer
        answer.result()


def one_poll(dsn: str, poller: CursorPoller, *, read_only: bool = False) -> None:
    """Polls once over a connection of its own."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.read_only = read_only
        poller.poll(connection)


def session_with_events(connection: Connection, poller_has_seen: bool) -> tuple[CursorPoller, int]:
    """A poller of a session, and how many events are untold: all, or the ones that came after an earlier poll."""
    session_id = add_session(connection)
    add_events(connection, session_id, spread(BEFORE))
    poller = CursorPoller(session_id, limit=1000)
    if poller_has_seen:
        poller.poll(connection)
    add_events(connection, session_id, spread(NEW))
    return poller, NEW if poller_has_seen else BEFORE + NEW


@pytest.mark.parametrize("read_only", [False, True], ids=["read_write", "read_only"])
@pytest.mark.parametrize("earlier", [False, True], ids=["first_poll", "with_a_cursor"])
@pytest.mark.parametrize("rewrite", REWRITES)
def test_a_poll_that_waits_for_a_rewrite_tells_all(database: str, rewrite: str, earlier: bool, read_only: bool) -> None:
    """A poll that waits while a table is rewritten should tell all that is untold, count it, and lose nothing later."""
    with psycopg.connect(database, autocommit=True) as owner, psycopg.connect(database, autocommit=True) as watcher:
        poller, untold = session_with_events(owner, earlier)
        owner.execute("begin")
        owner.execute(REWRITES[rewrite].encode())
        with held_up(watcher, lambda: one_poll(database, poller, read_only=read_only)):
            owner.execute("commit")
        assert poller.total == untold
        assert poller.events == committed_events(owner, poller.session_id)
        poller.poll(owner)
        assert poller.total == 0


@pytest.mark.parametrize("earlier", [False, True], ids=["first_poll", "with_a_cursor"])
def test_a_poll_that_waits_for_truncate_tells_what_came_instead(database: str, earlier: bool) -> None:
    """A poll that waits for a TRUNCATE should tell just what its transaction wrote in place of the old."""
    with psycopg.connect(database, autocommit=True) as owner, psycopg.connect(database, autocommit=True) as watcher:
        poller, _ = session_with_events(owner, earlier)
        owner.execute("begin")
        owner.execute("truncate public.events")
        add_events(owner, poller.session_id, spread(5, event_type="error"))
        with held_up(watcher, lambda: one_poll(database, poller)):
            owner.execute("commit")
        there = committed_events(owner, poller.session_id)
        assert poller.total == 5
        assert {event_id: poller.events.get(event_id) for event_id in there} == there
        # Deletions are not told: whoever had polled before keeps what they had.
        assert len(poller.events) == (BEFORE + 5 if earlier else 5)


@pytest.mark.parametrize("earlier", [False, True], ids=["first_poll", "with_a_cursor"])
def test_a_poll_that_waits_for_vacuum_full_tells_all(database: str, earlier: bool) -> None:
    """A poll that queues behind VACUUM FULL, which itself waits for a reader, should tell all that is untold."""
    with (
        psycopg.connect(database, autocommit=True) as owner,
        psycopg.connect(database, autocommit=True) as watcher,
        psycopg.connect(database, autocommit=True) as vacuum,
        psycopg.connect(database) as reader,
        ThreadPoolExecutor(1) as threads,
    ):
        poller, untold = session_with_events(owner, earlier)
        reader.execute("lock table public.events in access share mode")
        vacuuming = threads.submit(vacuum.execute, "vacuum full public.events")
        waiting = "select from pg_locks where relation = 'public.events'::regclass and mode = 'AccessExclusiveLock'"
        until(lambda: exists(watcher, f"{waiting} and not granted"))
        with held_up(watcher, lambda: one_poll(database, poller)):
            reader.rollback()
        vacuuming.result()
        assert poller.total == untold
        assert poller.events == committed_events(owner, poller.session_id)


@pytest.mark.parametrize("earlier", [False, True], ids=["first_poll", "with_a_cursor"])
def test_a_rewrite_that_is_rolled_back_changes_nothing(database: str, earlier: bool) -> None:
    """A poll that waits for a rewrite which is rolled back should tell all that is untold."""
    with psycopg.connect(database, autocommit=True) as owner, psycopg.connect(database, autocommit=True) as watcher:
        poller, untold = session_with_events(owner, earlier)
        owner.execute("begin")
        owner.execute(TYPE)
        add_events(owner, poller.session_id, spread(5))
        with held_up(watcher, lambda: one_poll(database, poller)):
            owner.execute("rollback")
        assert poller.total == untold
        assert poller.events == committed_events(owner, poller.session_id)


@pytest.mark.parametrize("earlier", [False, True], ids=["first_poll", "with_a_cursor"])
def test_a_poll_that_waits_on_a_standby_tells_all(
    crashing: Cluster, database: str, replica: Cluster, earlier: bool
) -> None:
    """A poll that waits on a standby while it replays a rewrite should tell all that is untold."""
    copy = replica.dsn(psycopg.conninfo.conninfo_to_dict(database)["dbname"])  # type: ignore[arg-type]
    with psycopg.connect(database, autocommit=True) as owner, psycopg.connect(database, autocommit=True) as other:
        poller, untold = session_with_events(owner, earlier)
        before = poller.seen.total()
        wait_for_replay(crashing, replica)
        owner.execute("begin")
        owner.execute(TYPE)
        flush_wal(other)
        with psycopg.connect(copy, autocommit=True) as watcher:
            held = "select from pg_locks where relation = 'public.events'::regclass and mode = 'AccessExclusiveLock'"
            until(lambda: exists(watcher, held))
            with held_up(watcher, lambda: one_poll(copy, poller, read_only=True)):
                owner.execute("commit")
        # A standby may tell again what came after its last checkpoint.
        assert untold <= poller.total == poller.seen.total() - before
        assert poller.events == committed_events(owner, poller.session_id)


_PASSWORD = "of this module alone"


@pytest.fixture(scope="module")
def over_http(crashing: Cluster) -> Iterator[tuple[str, Client]]:
    """A database that is polled through PostgREST and the proxy: the owner's way to it, and a client."""
    crashing.create_database("rewritten", template=TEMPLATE)
    dsn = crashing.dsn("rewritten")
    # Another test may have given the cluster's role a password that nobody knows any more.
    authenticator_uri(dsn, _PASSWORD)
    with (
        private_directory() as directory,
        stack(directory, database_url=dsn, authenticator_password=_PASSWORD) as running,
    ):
        client = Client(running.proxy_url)
        with client.session:
            yield dsn, client


def messages(client: Client, session_id: UUID, **parameters: Any) -> tuple[dict[str, str], dict[str, Any]]:
    """The message of each event of an answer by its id, and the answer."""
    answer = client.page(session_id, limit=1000, **parameters)
    return {item["id"]: item["message"] for item in answer["items"]}, answer


@pytest.mark.parametrize("earlier", [False, True], ids=["first_poll", "with_a_cursor"])
@pytest.mark.parametrize("rewrite", ["type", "column", "sessions"])
def test_a_client_that_waits_for_a_rewrite_is_told_all(
    over_http: tuple[str, Client], rewrite: str, earlier: bool
) -> None:
    """Over HTTP, too, a poll that waits while a table is rewritten should tell all that is untold."""
    dsn, client = over_http
    statement = {"type": TYPE, "column": COLUMN, "sessions": SESSIONS}[rewrite].format(f"note_{int(earlier)}")
    with psycopg.connect(dsn, autocommit=True) as owner, psycopg.connect(dsn, autocommit=True) as watcher:
        session_id = add_session(owner)
        add_events(owner, session_id, spread(BEFORE))
        told, answer = messages(client, session_id) if earlier else ({}, {})
        parameters = {"cursor": answer["cursor"]} if earlier else {}
        add_events(owner, session_id, spread(NEW))
        owner.execute("begin")
        owner.execute(statement.encode())
        with held_up(watcher, lambda: messages(client, session_id, **parameters)) as polled:
            owner.execute("commit")
        more, answer = polled.result()
        assert answer["pagination"]["total"] == (NEW if earlier else BEFORE + NEW)
        there = {event.id: event.message for event in committed_events(owner, session_id).values()}
        assert told | more == there
        assert messages(client, session_id, cursor=answer["cursor"])[0] == {}
