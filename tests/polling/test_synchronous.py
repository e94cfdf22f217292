"""A commit that waits for a synchronous standby: the standby shows it already, the primary not yet."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest

from stack.postgres import Cluster
from tests.polling.conftest import DATABASE
from tests.polling.pollers import CursorPoller, committed_events
from tests.polling.states import until, wait_for_replay
from tests.polling.test_standby import cursor_of
from tests.support.rows import Event, add_events, add_session, spread

Connection = psycopg.Connection[Any]
# Two of any standbys have to confirm, and there is one.
NEVER_CONFIRMED = "alter system set synchronous_standby_names = 'ANY 2 (*)'"
CONFIRMED = "alter system reset synchronous_standby_names"
SAVEPOINTS = 5


@pytest.fixture(autouse=True)
def confirmed_again(crashing: Cluster) -> Iterator[None]:
    """Leaves no other test waiting for a standby."""
    yield
    with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as connection:
        set_standbys(connection, CONFIRMED)


@pytest.fixture
def primary(crashing: Cluster) -> Iterator[Connection]:
    """A connection to the primary that waits for no standby."""
    with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as connection:
        connection.execute("set synchronous_commit = local")
        yield connection


@pytest.fixture
def secondary(replica: Cluster) -> Iterator[Connection]:
    """A connection to the standby."""
    with psycopg.connect(replica.dsn(DATABASE), autocommit=True) as connection:
        yield connection


@contextmanager
def waiting_commits(
    dsn: str, primary: Connection, writes: list[Callable[[Connection], None]]
) -> Iterator[list[Future[None]]]:
    """Transactions whose commits are on disk and wait for standbys inside the context; after it they have ended."""

    def commit(write: Callable[[Connection], None]) -> None:
        with psycopg.connect(dsn) as connection:
            write(connection)

    set_standbys(primary, NEVER_CONFIRMED)
    with ThreadPoolExecutor(len(writes)) as threads:
        try:
            commits = []
            for number, write in enumerate(writes, 1):
                commits.append(threads.submit(commit, write))
                until(lambda number=number: commits_that_wait(primary) == number)  # type: ignore[misc]
            yield commits
        finally:
            set_standbys(primary, CONFIRMED)
    for ended in commits:
        ended.result()


def set_standbys(primary: Connection, statement: str) -> None:
    """Makes the server take over whom its commits wait for."""
    primary.execute(statement.encode())
    primary.execute("select pg_reload_conf()")
    wanted = "ANY 2 (*)" if statement == NEVER_CONFIRMED else ""

    def taken() -> bool:
        return primary.execute("show synchronous_standby_names").fetchone() == (wanted,)

    until(taken)


def commits_that_wait(primary: Connection) -> int:
    """How many commits wait for a standby."""
    row = primary.execute("select count(*) from pg_stat_activity where wait_event = 'SyncRep'").fetchone()
    assert row is not None
    count: int = row[0]
    return count


def polled(poller: CursorPoller, connection: Connection) -> bool:
    """Whether a poll was answered; else the server is behind what its cursor has seen."""
    try:
        poller.poll(connection)
    except psycopg.DatabaseError as refused:
        if refused.sqlstate != "SE005":
            raise
        return False
    return True


def plain(session_id: UUID) -> Callable[[Connection], None]:
    """Writes three events."""
    return lambda connection: add_events(connection, session_id, spread(3))


def with_savepoints(session_id: UUID) -> Callable[[Connection], None]:
    """Writes events in savepoints, whose ids are above that of their transaction."""

    def write(connection: Connection) -> None:
        add_events(connection, session_id, spread(1))
        for _ in range(SAVEPOINTS):
            with connection.transaction():
                add_events(connection, session_id, spread(1))

    return write


def with_more_savepoints_than_a_snapshot_lists(session_id: UUID) -> Callable[[Connection], None]:
    """Writes in so many savepoints that the server no longer keeps their ids at hand."""

    def write(connection: Connection) -> None:
        add_events(connection, session_id, spread(1))
        for _ in range(100):
            with connection.transaction():
                add_events(connection, session_id, spread(1))

    return write


@pytest.mark.parametrize("write", [plain, with_savepoints, with_more_savepoints_than_a_snapshot_lists])
def test_the_primary_waits_for_a_commit_that_a_cursor_has_seen_before_it(
    crashing: Cluster,
    primary: Connection,
    secondary: Connection,
    replica: Cluster,
    write: Callable[[UUID], Callable[[Connection], None]],
) -> None:
    """Where a standby has shown a commit that the primary does not show yet, its cursor should be taken there later."""
    session_id = add_session(primary)
    add_events(primary, session_id, spread(2))
    poller = CursorPoller(session_id)
    with waiting_commits(crashing.dsn(DATABASE), primary, [write(session_id)]):
        wait_for_replay(crashing, replica)
        poller.poll(secondary)
        events = dict(poller.events)
        # The standby shows what the primary does not yet.
        assert set(committed_events(primary, session_id)) < set(events)
        assert not polled(poller, primary)
    assert committed_events(primary, session_id) == events
    poller.poll(primary)
    add_events(primary, session_id, spread(3))
    poller.poll(primary)
    assert poller.events == committed_events(primary, session_id)


def test_nothing_is_lost_between_commits_that_wait(
    crashing: Cluster, primary: Connection, secondary: Connection, replica: Cluster
) -> None:
    """A client that goes between standby and primary while several commits wait, and others do not, loses nothing.

    Whom the primary sends away goes on once nothing waits.
    """
    session_id = add_session(primary)
    poller = CursorPoller(session_id)
    writes = [plain(session_id), with_savepoints(session_id), plain(session_id)]
    with psycopg.connect(crashing.dsn(DATABASE)) as open_all_along:
        add_events(open_all_along, session_id, [Event()])
        with waiting_commits(crashing.dsn(DATABASE), primary, writes):
            for connection in (secondary, primary, secondary, primary):
                add_events(primary, session_id, spread(2))
                wait_for_replay(crashing, replica)
                assert polled(poller, connection) == (connection is secondary)
        poller.poll(primary)
        assert poller.events == committed_events(primary, session_id)
    poller.poll(primary)
    assert poller.events == committed_events(primary, session_id)


def test_a_waiting_commit_survives_a_crash(
    crashing: Cluster, primary: Connection, secondary: Connection, replica: Cluster
) -> None:
    """A cursor that has seen a commit which never was confirmed should serve after the primary's crash."""
    session_id = add_session(primary)
    poller = CursorPoller(session_id)

    def crash_while_it_waits() -> None:
        with waiting_commits(crashing.dsn(DATABASE), primary, [with_savepoints(session_id)]):
            wait_for_replay(crashing, replica)
            poller.poll(secondary)
            crashing.kill()

    with pytest.raises(psycopg.OperationalError):
        crash_while_it_waits()
    assert len(poller.events) == SAVEPOINTS + 1
    crashing.start()
    with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as again:
        set_standbys(again, CONFIRMED)
        add_events(again, session_id, spread(3))
        poller.poll(again)
        assert poller.events == committed_events(again, session_id)


def test_a_cursor_of_the_future_is_refused_all_the_same(
    crashing: Cluster, primary: Connection, secondary: Connection, replica: Cluster
) -> None:
    """What the primary takes of a standby should not make it take a cursor that has seen what it never gave out."""
    session_id = add_session(primary)
    wait_for_replay(crashing, replica)
    assert cursor_of(primary, session_id, cursor_of(secondary, session_id))
    ahead = cursor_from_the_future(replica, session_id)
    with pytest.raises(psycopg.DatabaseError) as refused:
        cursor_of(primary, session_id, ahead)
    assert refused.value.sqlstate == "SE003"


def cursor_from_the_future(replica: Cluster, session_id: UUID) -> str:
    """The cursor of a copy that goes on by itself under the same timeline, a thousand transactions ahead."""
    replica.stop()
    (replica.data_dir / "standby.signal").unlink()
    replica.start()
    with psycopg.connect(replica.dsn(DATABASE), autocommit=True) as copy:
        copy.execute("set synchronous_commit = off")
        for _ in range(1000):
            copy.execute("select pg_current_xact_id()")
        # What is on disk would be believed.
        copy.execute("checkpoint")
        return cursor_of(copy, session_id)
