"""Cursors across a promotion: taken where all that they have seen is in the new history, else refused."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from typing import Any
from uuid import UUID

import psycopg
import pytest

from stack.account import give_to_server
from stack.datadir import private_directory
from stack.postgres import Cluster, standby
from tests.polling.pollers import CursorPoller, Walker, call, committed_events
from tests.polling.states import exists, until, wait_for_replay
from tests.polling.test_lost_upstream import connected, cut_off, follow
from tests.polling.test_standby import cursor_of
from tests.support.rows import add_events, add_session, spread

Connection = psycopg.Connection[Any]
PREPARED = "failover"
# A poll on a standby waits before its snapshot for whoever has this lock.
WAITS_BEFORE_ITS_SNAPSHOT = """
alter function events_internal.replayed_snapshot() rename to replayed_snapshot_at_once;
create function events_internal.replayed_snapshot(out replayed pg_snapshot, out is_whole boolean)
language plpgsql volatile as $$
begin
    perform pg_advisory_xact_lock(1);
    select r.replayed, r.is_whole into replayed, is_whole from events_internal.replayed_snapshot_at_once() as r;
end;
$$
"""
ASKS_THE_ARCHIVE = "select from pg_stat_activity where backend_type = 'startup' and wait_event = 'RestoreCommand'"


@pytest.fixture(autouse=True)
def started_again(crashing: Cluster) -> Iterator[None]:
    """Leaves the primary running and without a prepared transaction, for the tests after this one."""
    yield
    crashing.restart()
    with connected(crashing) as connection, suppress(psycopg.errors.UndefinedObject):
        connection.execute(f"rollback prepared '{PREPARED}'")


@pytest.fixture
def replica(crashing: Cluster) -> Iterator[Cluster]:
    """A standby of this test's own, which it promotes."""
    with private_directory() as directory, standby(crashing, directory / "postgres") as server:
        yield server


def promote(primary: Cluster, replica: Cluster, how: str = "immediate") -> None:
    """Loses the primary and puts the standby in its place."""
    primary.stop(how)
    with connected(replica) as connection:
        connection.execute("select pg_promote()")


def sees_as_ended(primary: Connection, count: int) -> None:
    """Gives out transaction ids that end without reaching the disk."""
    for _ in range(count):
        with suppress(ZeroDivisionError), primary.transaction():
            primary.execute("select pg_current_xact_id()")
            raise ZeroDivisionError


def test_restore_point_in_another_encoding(crashing: Cluster, replica: Cluster) -> None:
    """Cursors should be taken after a promotion at a restore point whose name is no text in the database's encoding."""
    with closing(connected(crashing)) as primary:
        primary.execute("create database latin template template0 encoding latin1 locale 'C'")
        session_id = add_session(primary)
        add_events(primary, session_id, spread(3))
        poller = CursorPoller(session_id)
        poller.poll(primary)
        replica.stop()
        with (replica.data_dir / "postgresql.auto.conf").open("ab") as file:
            file.write("recovery_target_name = 'at the café'\nrecovery_target_action = promote\n".encode("latin1"))
        replica.start()
        with psycopg.connect(crashing.dsn("latin"), autocommit=True) as latin:
            latin.execute("select pg_create_restore_point('at the café')")
        primary.execute("drop database latin")
        with connected(replica) as promoted:
            until(lambda: exists(promoted, "select where not pg_is_in_recovery()"))
            (history,) = (replica.data_dir / "pg_wal").glob("*.history")
            assert b'at restore point "at the caf\xe9"' in history.read_bytes()
            add_events(promoted, session_id, spread(2))
            poller.poll(promoted)
            assert dict(poller.seen) == dict.fromkeys(committed_events(promoted, session_id), 1)


@pytest.mark.parametrize("how", ["immediate", "fast"], ids=["failover", "switchover"])
def test_followers_go_on_after_a_promotion_that_lost_nothing(crashing: Cluster, replica: Cluster, how: str) -> None:
    """Cursors of the primary and of the standby should be taken by the new primary, and end with every event."""
    with closing(connected(crashing)) as primary, connected(replica) as secondary:
        session_id = add_session(primary)
        add_events(primary, session_id, spread(3))
        wait_for_replay(crashing, replica)
        of_primary, of_standby = CursorPoller(session_id), CursorPoller(session_id)
        of_primary.poll(primary)
        of_standby.poll(secondary)
        add_events(primary, session_id, spread(2))
        wait_for_replay(crashing, replica)
        promote(crashing, replica, how)
        for number in range(20):
            add_events(secondary, session_id, spread(1, seconds=number))
        for poller in (of_primary, of_standby):
            poller.poll(secondary)
            poller.poll(secondary)
            assert poller.events == committed_events(secondary, session_id)


def test_a_standby_s_cursor_repeats_nothing(crashing: Cluster, replica: Cluster) -> None:
    """What a standby has told should not be told again by the primary that it has become."""
    with closing(connected(crashing)) as primary, connected(replica) as secondary:
        session_id = add_session(primary)
        add_events(primary, session_id, spread(3))
        wait_for_replay(crashing, replica)
        poller = CursorPoller(session_id)
        poller.poll(secondary)
        promote(crashing, replica)
        add_events(secondary, session_id, spread(2))
        poller.poll(secondary)
        assert set(poller.seen.values()) == {1}
        assert len(poller.seen) == 3 + 2


def test_a_cursor_of_a_standby_that_asks_its_archive(crashing: Cluster, replica: Cluster) -> None:
    """What a standby gave out while it asked an archive that has no more should be taken once it is promoted."""
    with closing(connected(crashing)) as primary, connected(replica) as secondary:
        session_id = add_session(primary)
        add_events(primary, session_id, spread(3))
        wait_for_replay(crashing, replica)
        cut_off(replica)
        archive, gone = replica.data_dir / "archive", replica.data_dir / "gone"
        os.mkfifo(archive)
        give_to_server(archive)
        secondary.execute(f"alter system set restore_command = 'cat {archive} && false'".encode())
        secondary.execute("select pg_reload_conf()")
        until(lambda: exists(secondary, ASKS_THE_ARCHIVE))
        poller = CursorPoller(session_id)
        poller.poll(secondary)
        # Who has asked is answered now, and nobody after it has to wait.
        archive.rename(gone)
        gone.write_bytes(b"")
        promote(crashing, replica)
        add_events(secondary, session_id, spread(2))
        poller.poll(secondary)
        assert poller.events == committed_events(secondary, session_id)


def test_a_cursor_that_has_seen_what_was_lost_is_refused(crashing: Cluster, replica: Cluster) -> None:
    """A cursor of the primary is refused if it saw a commit that the new primary has not, and no other is."""
    with closing(connected(crashing)) as primary, connected(replica) as secondary:
        session_id = add_session(primary)
        add_events(primary, session_id, spread(3))
        common = cursor_of(primary, session_id)
        wait_for_replay(crashing, replica)
        cut_off(replica)
        add_events(primary, session_id, spread(3))
        lost = cursor_of(primary, session_id)
        promote(crashing, replica)
        for _ in range(20):
            add_events(secondary, session_id, spread(1))
        with pytest.raises(psycopg.DatabaseError) as refused:
            cursor_of(secondary, session_id, lost)
        assert refused.value.sqlstate == "SE003"
        assert len(call(secondary, {"p_session_id": session_id, "p_cursor": common, "p_limit": 100})[0]) >= 20


def test_ids_that_are_given_out_again_are_told(crashing: Cluster, replica: Cluster) -> None:
    """Ids that ended on the primary and never reached the standby are the new primary's: its rows should come."""
    with closing(connected(crashing)) as primary, connected(replica) as secondary:
        session_id = add_session(primary)
        wait_for_replay(crashing, replica)
        sees_as_ended(primary, 10)
        poller = CursorPoller(session_id)
        poller.poll(primary)
        promote(crashing, replica)
        assert poller.cursor is not None
        for _ in range(10):
            add_events(secondary, session_id, spread(1))
        poller.poll(secondary)
        assert poller.events == committed_events(secondary, session_id)
        assert len(poller.events) == 10


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_prepared_writer_survives_the_promotion(crashing: Cluster, replica: Cluster, end: str) -> None:
    """What was prepared before the promotion and ends after it should be told to those who follow from before."""
    with closing(connected(crashing)) as primary, connected(replica) as secondary:
        session_id = add_session(primary)
        primary.execute("begin")
        add_events(primary, session_id, spread(2))
        primary.execute(f"prepare transaction '{PREPARED}'")
        add_events(primary, session_id, spread(1))
        wait_for_replay(crashing, replica)
        pollers = [CursorPoller(session_id), CursorPoller(session_id)]
        for poller, connection in zip(pollers, (primary, secondary), strict=True):
            poller.poll(connection)
        promote(crashing, replica)
        secondary.execute(f"{end} prepared '{PREPARED}'".encode())
        for poller in pollers:
            poller.poll(secondary)
            assert poller.events == committed_events(secondary, session_id)


def test_a_rolled_back_writer_whose_end_was_lost(crashing: Cluster, replica: Cluster) -> None:
    """A cursor that saw a prepared writer rolled back, which the new primary did not, should be refused or tell it."""
    with closing(connected(crashing)) as primary, connected(replica) as secondary:
        session_id = add_session(primary)
        primary.execute("begin")
        add_events(primary, session_id, spread(2))
        primary.execute(f"prepare transaction '{PREPARED}'")
        wait_for_replay(crashing, replica)
        cut_off(replica)
        primary.execute(f"rollback prepared '{PREPARED}'")
        poller = CursorPoller(session_id)
        poller.poll(primary)
        promote(crashing, replica)
        secondary.execute(f"commit prepared '{PREPARED}'")
        with pytest.raises(psycopg.DatabaseError) as refused:
            poller.poll(secondary)
        assert refused.value.sqlstate == "SE003"


@contextmanager
def paused(replica: Connection) -> Iterator[None]:
    """Replay stands still inside the context."""
    replica.execute("select pg_wal_replay_pause()")
    until(lambda: exists(replica, "select where pg_get_wal_replay_pause_state() = 'paused'"))
    yield
    replica.execute("select pg_wal_replay_resume()")


@pytest.mark.parametrize("poller_of", [CursorPoller, Walker])
def test_a_standby_that_lags_lets_the_client_come_again(
    crashing: Cluster, replica: Cluster, poller_of: type[CursorPoller]
) -> None:
    """A cursor that has seen more than a standby is told so there, and is taken once the standby has replayed it."""
    with connected(crashing) as primary, connected(replica) as secondary:
        session_id = add_session(primary)
        wait_for_replay(crashing, replica)
        poller = poller_of(session_id)
        with paused(secondary):
            add_events(primary, session_id, spread(20))
            poller.poll(primary)
            with pytest.raises(psycopg.DatabaseError) as refused:
                poller.poll(secondary)
            assert refused.value.sqlstate == "SE005"
        wait_for_replay(crashing, replica)
        poller.poll(secondary)
        assert poller.events == committed_events(primary, session_id)


def test_a_walk_goes_on_where_a_standby_has_caught_up(crashing: Cluster, replica: Cluster) -> None:
    """The next page of a primary's walk is SE005 on a standby that lags, and comes once it does not."""
    with connected(crashing) as primary, connected(replica) as secondary:
        session_id = add_session(primary)
        wait_for_replay(crashing, replica)
        with paused(secondary):
            add_events(primary, session_id, spread(20))
            _, first = call(primary, {"p_session_id": session_id, "p_limit": 7})
            with pytest.raises(psycopg.DatabaseError) as refused:
                call(secondary, {"p_session_id": session_id, "p_next": first["Events-Next"]})
            assert refused.value.sqlstate == "SE005"
        wait_for_replay(crashing, replica)
        rows, _ = call(secondary, {"p_session_id": session_id, "p_next": first["Events-Next"]})
        assert len(rows) == 7


def test_a_standby_that_has_not_followed_yet_is_no_end(crashing: Cluster) -> None:
    """A cursor of the new primary is SE005 on a standby that does not follow it yet, and is taken once it does."""
    with (
        private_directory() as directory,
        standby(crashing, directory / "first") as first,
        standby(crashing, directory / "second") as second,
        closing(connected(crashing)) as primary,
        connected(first) as promoted,
        connected(second) as other,
    ):
        session_id = add_session(primary)
        add_events(primary, session_id, spread(3))
        for server in (first, second):
            wait_for_replay(crashing, server)
        pollers = [CursorPoller(session_id) for _ in range(3)]
        for poller, connection in zip(pollers, (primary, promoted, other), strict=True):
            poller.poll(connection)
        promote(crashing, first)
        # Also one that the other standby gave out while nobody sent it anything.
        alone = CursorPoller(session_id)
        alone.poll(other)
        add_events(promoted, session_id, spread(3))
        for poller in (*pollers, alone):
            poller.poll(promoted)
        with pytest.raises(psycopg.DatabaseError) as refused:
            cursor_of(other, session_id, pollers[0].cursor)
        assert refused.value.sqlstate == "SE005"
        follow(second, first)
        polls_through(other, pollers, session_id, promoted)


def polls_through(other: Connection, pollers: list[CursorPoller], session_id: UUID, promoted: Connection) -> None:
    """Polls a standby while it begins to follow: it may ask to come again, and never says that a cursor is lost."""
    everything = committed_events(promoted, session_id)
    deadline = time.monotonic() + 30
    for poller in pollers:
        while True:
            try:
                poller.poll(other)
                break
            except psycopg.DatabaseError as error:
                if error.sqlstate != "SE005" or time.monotonic() > deadline:
                    raise
        assert poller.events == everything


def test_a_standby_that_begins_to_follow_during_a_poll(crashing: Cluster, database: str) -> None:
    """What a standby answers while it changes its timeline should bear a cursor that is taken afterwards."""
    name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    with (
        private_directory() as directory,
        standby(crashing, directory / "first") as first,
        standby(crashing, directory / "second") as second,
        psycopg.connect(database, autocommit=True) as primary,
        psycopg.connect(second.dsn(str(name)), autocommit=True) as reader,
        psycopg.connect(second.dsn(str(name)), autocommit=True) as holder,
        ThreadPoolExecutor(1) as threads,
    ):
        session_id = add_session(primary)
        add_events(primary, session_id, spread(3))
        primary.execute(WAITS_BEFORE_ITS_SNAPSHOT)
        for server in (first, second):
            wait_for_replay(crashing, server)
            cut_off(server)
        poller = CursorPoller(session_id)
        holder.execute("select pg_advisory_lock(1)")
        polled = threads.submit(poller.poll, reader)
        try:
            until(lambda: exists(holder, "select from pg_locks where locktype = 'advisory' and not granted"))
            with psycopg.connect(first.dsn(str(name)), autocommit=True) as promoted:
                promoted.execute("select pg_promote()")
                add_events(promoted, session_id, spread(3))
            follow(second, first)
            wait_for_replay(first, second)
        finally:
            holder.execute("select pg_advisory_unlock(1)")
        polled.result()
        assert cursor_of(reader, session_id, poller.cursor)
