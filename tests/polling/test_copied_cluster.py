"""A copy of a cluster that goes on under the same timeline: one command of the DBA makes its history another one."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from stack import datadir
from stack.datadir import private_directory
from stack.postgres import Cluster, standby
from stack.postgres import cluster as running_cluster
from tests.polling.conftest import DATABASE
from tests.polling.pollers import CursorPoller, committed_events
from tests.polling.states import wait_for_replay
from tests.polling.test_rewrite import held_up
from tests.polling.test_standby import cursor_of
from tests.support.rows import add_events, add_session, spread

Connection = psycopg.Connection[Any]
Copy = Callable[[Cluster, Path], AbstractContextManager[Cluster]]

BEGIN_NEW_HISTORY = "select events_internal.begin_new_history()"
BURNT = 50


@contextmanager
def restored(original: Cluster, directory: Path) -> Iterator[Cluster]:
    """A base backup that was started without recovery.signal."""
    data_dir = directory / "postgres"
    datadir.copy(original.dsn("postgres"), data_dir)
    (data_dir / "standby.signal").unlink()
    datadir.password_file(data_dir).write_text(original.password)
    with running_cluster(data_dir, settings=original.settings) as server:
        yield server


@contextmanager
def unleashed(original: Cluster, directory: Path) -> Iterator[Cluster]:
    """A standby that was stopped and lost its standby.signal."""
    with standby(original, directory / "postgres") as server:
        wait_for_replay(original, server)
        server.stop()
        (server.data_dir / "standby.signal").unlink()
        server.start()
        yield server


def burn_transaction_ids(connection: Connection) -> None:
    """Takes the counter of transactions past what the other cluster has given out."""
    for _ in range(BURNT):
        connection.execute("select pg_current_xact_id()")


def assert_lost(connection: Connection, session_id: UUID, *cursors: str) -> None:
    """Every one of these cursors is of a lost history."""
    for cursor in cursors:
        with pytest.raises(psycopg.DatabaseError) as refused:
            cursor_of(connection, session_id, cursor)
        assert refused.value.sqlstate == "SE003"


@pytest.mark.parametrize("copy", [restored, unleashed])
def test_a_copy_with_a_new_history_takes_only_its_own_cursors(crashing: Cluster, copy: Copy) -> None:
    """After the one command on a copy the original's cursors should be refused for good, and new ones lose nothing."""
    with private_directory() as directory, psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as original:
        session_id = add_session(original)
        add_events(original, session_id, spread(3))
        before = cursor_of(original, session_id)
        with (
            copy(crashing, directory) as server,
            psycopg.connect(server.dsn(DATABASE), autocommit=True) as copied,
        ):
            burn_transaction_ids(original)
            later = cursor_of(original, session_id)
            copied.execute(BEGIN_NEW_HISTORY)
            assert_lost(copied, session_id, before, later)
            # Without the new history the copy would take them as soon as its counter has caught up.
            burn_transaction_ids(copied)
            burn_transaction_ids(copied)
            assert_lost(copied, session_id, before, later)
            poller = CursorPoller(session_id)
            for _ in range(3):
                add_events(copied, session_id, spread(20))
                poller.poll(copied)
            assert poller.events == committed_events(copied, session_id)
            assert max(poller.seen.values()) == 1
            assert poller.cursor is not None
            # The original has another history than its copy, also once it has begun a new one itself.
            assert cursor_of(original, session_id, before)
            original.execute(BEGIN_NEW_HISTORY)
            burn_transaction_ids(original)
            burn_transaction_ids(original)
            assert_lost(original, session_id, poller.cursor)


@pytest.mark.parametrize("copy", [restored, unleashed])
def test_a_standby_of_a_copy_follows_its_new_history(crashing: Cluster, copy: Copy) -> None:
    """A standby of a copy should have its history: take its cursors, refuse the original's, and lose nothing."""
    with private_directory() as directory, psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as original:
        session_id = add_session(original)
        before = cursor_of(original, session_id)
        with (
            copy(crashing, directory) as server,
            standby(server, directory / "second") as second,
            psycopg.connect(server.dsn(DATABASE), autocommit=True) as copied,
            psycopg.connect(second.dsn(DATABASE), autocommit=True) as follower,
        ):
            wait_for_replay(server, second)
            old = cursor_of(follower, session_id)
            copied.execute(BEGIN_NEW_HISTORY)
            wait_for_replay(server, second)
            assert_lost(follower, session_id, before, old)
            poller = CursorPoller(session_id)
            for connection in (copied, follower, follower, copied, follower):
                add_events(copied, session_id, spread(5))
                wait_for_replay(server, second)
                poller.poll(connection)
            assert poller.events == committed_events(copied, session_id)


def test_every_new_history_is_another_one(crashing: Cluster, connection: Connection) -> None:
    """Each time that the command is given the cursors of before should be refused; also where no copy was made."""
    session_id = add_session(connection)
    cursors = []
    for _ in range(3):
        cursors.append(cursor_of(connection, session_id))
        connection.execute(BEGIN_NEW_HISTORY)
        assert_lost(connection, session_id, *cursors)
    assert cursor_of(connection, session_id, cursor_of(connection, session_id))


def test_a_new_history_that_is_rolled_back_is_none(connection: Connection) -> None:
    """A command that is rolled back should leave the cursors of before valid, and refuse those of its own time."""
    session_id = add_session(connection)
    before = cursor_of(connection, session_id)
    with connection.transaction(force_rollback=True):
        connection.execute(BEGIN_NEW_HISTORY)
        during = cursor_of(connection, session_id)
    assert cursor_of(connection, session_id, before)
    assert_lost(connection, session_id, during)


def test_a_new_history_outlives_a_crash(crashing: Cluster) -> None:
    """What the command has refused should be refused after a crash and a restart, too."""
    with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as connection:
        session_id = add_session(connection)
        before = cursor_of(connection, session_id)
        connection.execute(BEGIN_NEW_HISTORY)
        after = cursor_of(connection, session_id)
    crashing.kill()
    crashing.start()
    for _ in range(2):
        with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as connection:
            assert_lost(connection, session_id, before)
            assert cursor_of(connection, session_id, after)
        crashing.restart()


def test_a_poll_in_flight_does_not_carry_an_old_cursor_over(crashing: Cluster, connection: Connection) -> None:
    """A poll that came with an old cursor and waited meanwhile should not leave with one of the new history."""
    session_id = add_session(connection)
    old = cursor_of(connection, session_id)

    def poll() -> str | None:
        with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as reader:
            try:
                return cursor_of(reader, session_id, old)
            except psycopg.DatabaseError as error:
                if error.sqlstate != "SE003":
                    raise
                return None

    with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as owner:
        owner.execute("begin")
        owner.execute("lock table public.events in access exclusive mode")
        with held_up(connection, poll) as polled:
            owner.execute(BEGIN_NEW_HISTORY)
            owner.execute("commit")
    carried = polled.result()
    if carried is not None:
        assert_lost(connection, session_id, carried)


def test_a_client_cannot_begin_a_new_history(crashing: Cluster) -> None:
    """Whoever asks as PostgREST does should not be able to make everybody start again."""
    with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as connection:
        connection.execute("set role session_events_reader")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(BEGIN_NEW_HISTORY)
