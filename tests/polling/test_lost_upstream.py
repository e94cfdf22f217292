"""A standby whose upstream was promoted and is gone: until its next restartpoint it hardly knows its timeline."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from addresses import conninfo
from stack.datadir import private_directory
from stack.postgres import Cluster, standby
from tests.polling.conftest import DATABASE
from tests.polling.pollers import CursorPoller, call, committed_events
from tests.polling.states import exists, until, wait_for_replay
from tests.polling.test_standby import cursor_of
from tests.support.rows import add_events, add_session, spread

Connection = psycopg.Connection[Any]

AFTER = 5
POLLS = 300


@dataclass(frozen=True)
class Left:
    """What is left once the primary was lost and the one promoted in its place is gone, too."""

    promoted: Cluster
    alone: Cluster
    session_id: UUID
    # Of the lost primary: before the promotion, and from when it alone had what it told.
    common: str
    lost: str
    # Of the promoted one, which had been told everything.
    own: str
    # One who was told by the promoted one all but its newest events.
    follower: CursorPoller
    events: dict[str, Any]


def connected(server: Cluster) -> Connection:
    """A connection, each statement a transaction of its own."""
    return psycopg.connect(server.dsn(DATABASE), autocommit=True)


def follow(server: Cluster, upstream: Cluster) -> None:
    """Makes a standby follow another server from now on, and returns once it does."""
    given = conninfo.parameters(upstream.dsn("postgres"))
    text = psycopg.conninfo.make_conninfo("", **given)
    with connected(server) as connection:
        connection.execute(psycopg.sql.SQL("alter system set primary_conninfo = {}").format(psycopg.sql.Literal(text)))
        connection.execute("select pg_reload_conf()")
        port = int(given["port"])
        until(lambda: exists(connection, f"select from pg_stat_wal_receiver where sender_port = {port}"))


def cut_off(server: Cluster) -> None:
    """Makes a standby follow nobody any more."""
    with connected(server) as connection:
        connection.execute("alter system set primary_conninfo = ''")
        connection.execute("select pg_reload_conf()")
        until(lambda: not exists(connection, "select from pg_stat_wal_receiver where pid is not null"))


@pytest.fixture
def dying(crashing: Cluster) -> Iterator[Cluster]:
    """A primary that runs again after the test."""
    yield crashing
    crashing.restart()


@pytest.fixture
def left(dying: Cluster) -> Iterator[Left]:
    """A promoted standby that has stopped, and a standby of it that is alone."""
    with (
        private_directory() as directory,
        standby(dying, directory / "first") as promoted,
        standby(dying, directory / "second") as alone,
    ):
        yield lose(dying, promoted, alone)


def lose(primary: Cluster, promoted: Cluster, alone: Cluster) -> Left:
    """The primary goes on alone and is lost, one standby is promoted and followed by the other, and stops."""
    with closing(connected(primary)) as connection:
        session_id = add_session(connection)
        add_events(connection, session_id, spread(3))
        common = cursor_of(connection, session_id)
        for server in (promoted, alone):
            wait_for_replay(primary, server)
            cut_off(server)
        # As many transactions as the promoted one will give out again, and more.
        for _ in range(4 * AFTER):
            add_events(connection, session_id, spread(1))
        # What is on disk is believed also on a standby.
        connection.execute("checkpoint")
        lost = cursor_of(connection, session_id)
        primary.stop("immediate")
    with connected(promoted) as connection:
        connection.execute("select pg_promote()")
        follow(alone, promoted)
        follower = CursorPoller(session_id)
        follower.poll(connection)
        for _ in range(AFTER):
            add_events(connection, session_id, spread(1))
        own, events = cursor_of(connection, session_id), committed_events(connection, session_id)
    wait_for_replay(promoted, alone)
    promoted.stop()
    with connected(alone) as connection:
        until(lambda: not exists(connection, "select from pg_stat_wal_receiver where pid is not null"))
    return Left(promoted, alone, session_id, common, lost, own, follower, events)


def assert_lost(connection: Connection, session_id: UUID, cursor: str) -> None:
    """The cursor is of a lost history."""
    with pytest.raises(psycopg.DatabaseError) as refused:
        cursor_of(connection, session_id, cursor)
    assert refused.value.sqlstate == "SE003"


def assert_is_refused(error: psycopg.DatabaseError) -> None:
    """The error says that the cursor is of a lost history, or that the standby is not sure of its own."""
    if error.sqlstate not in ("SE003", "SE005"):
        raise error


@contextmanager
def suppress_unsure() -> Iterator[None]:
    """What a standby answers that is not sure of its history ends the context."""
    try:
        yield
    except psycopg.DatabaseError as error:
        if error.sqlstate != "SE005":
            raise


@pytest.mark.parametrize("stopped", [None, "fast", "immediate"], ids=["at_once", "after_a_restart", "after_a_crash"])
def test_a_standby_that_is_alone_takes_no_cursor_of_the_lost_primary(left: Left, stopped: str | None) -> None:
    """A standby that followed a promotion should refuse the lost primary's cursors, also once its upstream is gone."""
    if stopped:
        left.alone.stop(stopped)
        left.alone.start()
    with connected(left.alone) as connection:
        # It has what the promoted one wrote, and would hide it from whoever has a cursor of the same ids.
        assert committed_events(connection, left.session_id) == left.events
        with pytest.raises(psycopg.DatabaseError) as refused:
            cursor_of(connection, left.session_id, left.lost)
        assert_is_refused(refused.value)
        common = CursorPoller(left.session_id, cursor=left.common)
        with suppress_unsure():
            common.poll(connection)
            assert len(left.events) - 3 <= len(common.events)


@pytest.mark.parametrize("stopped", [None, "fast", "immediate"], ids=["at_once", "after_a_restart", "after_a_crash"])
def test_a_standby_that_is_alone_tells_all_or_refuses(left: Left, stopped: str | None) -> None:
    """Such a standby should tell a follower of the promoted one, and one of its own, everything, or let them wait."""
    if stopped:
        left.alone.stop(stopped)
        left.alone.start()
    with connected(left.alone) as connection:
        with suppress_unsure():
            left.follower.poll(connection)
            assert left.follower.events == left.events
        own = CursorPoller(left.session_id)
        with suppress_unsure():
            own.poll(connection)
            # Who was told anything there can go on there.
            own.poll(connection)
            assert own.events == left.events


def test_a_standby_whose_upstream_is_back_takes_its_cursors(left: Left) -> None:
    """Once the promoted one is there again its cursors should be taken by the standby, and the lost one's refused."""
    left.promoted.start()
    with connected(left.promoted) as writer, connected(left.alone) as connection:
        add_events(writer, left.session_id, spread(AFTER))
        until(lambda: exists(connection, "select from pg_stat_wal_receiver where status = 'streaming'"))
        wait_for_replay(left.promoted, left.alone)
        assert_lost(connection, left.session_id, left.lost)
        left.follower.poll(connection)
        assert left.follower.events == committed_events(writer, left.session_id)


def test_a_standby_that_knows_its_timeline_by_a_restartpoint_takes_its_cursors(left: Left) -> None:
    """After a restartpoint on the new timeline the promoted one's cursors should be taken, also while alone."""
    left.promoted.start()
    with connected(left.promoted) as writer, connected(left.alone) as connection:
        until(lambda: exists(connection, "select from pg_stat_wal_receiver where status = 'streaming'"))
        writer.execute("checkpoint")
        wait_for_replay(left.promoted, left.alone)
        connection.execute("checkpoint")
    left.promoted.stop()
    with connected(left.alone) as connection:
        until(lambda: not exists(connection, "select from pg_stat_wal_receiver where pid is not null"))
        assert_lost(connection, left.session_id, left.lost)
        left.follower.poll(connection)
        assert left.follower.events == left.events
        assert cursor_of(connection, left.session_id, left.own)


def test_a_standby_that_is_not_sure_answers_nobody(left: Left) -> None:
    """A poll without a cursor should wait, too, for what gives one out that a server takes; then all are answered."""
    left.promoted.start()
    with connected(left.promoted) as writer:
        # What tells it of the new timeline while it is alone.
        writer.execute("revoke execute on function pg_ls_waldir from session_events_definer")
        add_events(writer, left.session_id, spread(1))
        events = committed_events(writer, left.session_id)
    wait_for_replay(left.promoted, left.alone)
    left.promoted.stop()
    with connected(left.alone) as connection:
        until(lambda: not exists(connection, "select from pg_stat_wal_receiver where pid is not null"))
        for asked in ({}, {"p_cursor": left.own}, {"p_since": "2000-01-01"}, {"p_session_id": uuid4()}):
            with pytest.raises(psycopg.DatabaseError) as refused:
                call(connection, {"p_session_id": left.session_id, **asked})
            assert refused.value.sqlstate == "SE005"
        left.promoted.start()
        # It receives the segment anew that it has.
        written = "select from pg_stat_wal_receiver where written_lsn >= pg_last_wal_replay_lsn()"
        until(lambda: exists(connection, written))
        left.follower.poll(connection)
        assert left.follower.events == events


def test_a_standby_that_its_upstream_refuses_answers_nobody(dying: Cluster) -> None:
    """With WAL that the new timeline left out, it should answer nobody, also while a receiver of it connects."""
    with (
        private_directory() as directory,
        standby(dying, directory / "first") as promoted,
        standby(dying, directory / "second") as ahead,
        closing(connected(dying)) as primary,
    ):
        session_id = add_session(primary)
        wait_for_replay(dying, promoted)
        cut_off(promoted)
        add_events(primary, session_id, spread(AFTER))
        wait_for_replay(dying, ahead)
        dying.stop("immediate")
        with connected(promoted) as connection:
            connection.execute("select pg_promote()")
        with connected(ahead) as connection:
            connection.execute("alter system set wal_retrieve_retry_interval = '1ms'")
            follow(ahead, promoted)
            until(lambda: exists(connection, "select from pg_ls_waldir() where name = '00000002.history'"))
            for _ in range(POLLS):
                with pytest.raises(psycopg.DatabaseError) as refused:
                    cursor_of(connection, session_id)
                assert refused.value.sqlstate == "SE005"
