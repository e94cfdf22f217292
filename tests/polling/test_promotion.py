"""Cursors while a standby becomes the primary."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg
import pytest

from stack.datadir import private_directory
from stack.postgres import Cluster, standby
from tests.polling.conftest import DATABASE
from tests.polling.pollers import call
from tests.polling.states import exists, flush_wal, until, wait_for_replay
from tests.polling.test_standby import cursor_of
from tests.support.rows import Event, add_events, add_session, spread


@pytest.fixture(autouse=True)
def started_again(crashing: Cluster) -> Iterator[None]:
    """Leaves the primary running and without a prepared transaction, for the tests after this one."""
    yield
    crashing.stop()
    crashing.start()
    with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as primary:
        if exists(primary, "select from pg_prepared_xacts where gid = 'promotion'"):
            primary.execute("rollback prepared 'promotion'")


def test_a_poll_that_outlasts_the_promotion_loses_nothing(crashing: Cluster) -> None:
    """What was prepared when a poll began on a standby, and is committed after the promotion, should still come."""
    with private_directory() as directory, standby(crashing, directory / "postgres") as replica:
        # Only closed at the end: by then its server is gone.
        with closing(psycopg.connect(crashing.dsn(DATABASE), autocommit=True)) as primary:
            session_id = add_session(primary)
            (prepared,) = spread(1)
            # Its foreign key would lock the session's row, and with it the lock below.
            primary.execute("set session_replication_role = replica")
            primary.execute("begin")
            add_events(primary, session_id, [prepared])
            primary.execute("prepare transaction 'promotion'")
            # A younger transaction ends first, so that a snapshot reaches beyond the prepared one.
            add_events(primary, session_id, [Event()])
            # The lock is replayed on the standby and holds the poll there, after it has begun.
            primary.execute("set lock_timeout = '30s'")
            primary.execute("begin")
            primary.execute("lock table public.sessions in access exclusive mode")
            primary.execute("select pg_current_xact_id()")
            with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as other:
                flush_wal(other)
            held = poll_held_by_the_lock(replica, session_id)
            crashing.stop("immediate")
        with psycopg.connect(replica.dsn(DATABASE), autocommit=True) as promoted:
            promoted.execute("select pg_promote()")
            cursor = held()
            promoted.execute("commit prepared 'promotion'")
            rows, _ = call(promoted, {"p_session_id": session_id, "p_cursor": cursor})
            assert str(prepared.id) in [row.id for row in rows]


def poll_held_by_the_lock(replica: Cluster, session_id: object) -> Callable[[], str]:
    """Begins a poll that waits for the lock on the sessions; the result waits for its cursor."""
    found: list[str] = []

    def poll() -> None:
        with psycopg.connect(replica.dsn(DATABASE), autocommit=True) as reader:
            found.append(call(reader, {"p_session_id": session_id})[1]["Events-Cursor"])

    lock = "select from pg_locks where relation = 'public.sessions'::regclass and {}"
    with psycopg.connect(replica.dsn(DATABASE), autocommit=True) as watcher:
        until(lambda: exists(watcher, lock.format("mode = 'AccessExclusiveLock' and granted")))
        thread = threading.Thread(target=poll)
        thread.start()
        until(lambda: exists(watcher, lock.format("not granted")))

    def result() -> str:
        thread.join()
        return found[0]

    return result


def test_a_standby_that_follows_a_promotion_refuses_the_old_history(crashing: Cluster) -> None:
    """A standby of a promoted standby should refuse the lost primary's cursors as soon as it has replayed more."""
    with (
        private_directory() as directory,
        standby(crashing, directory / "first") as first,
        standby(first, directory / "second") as second,
        closing(psycopg.connect(crashing.dsn(DATABASE), autocommit=True)) as primary,
        psycopg.connect(first.dsn(DATABASE), autocommit=True) as promoted,
        psycopg.connect(second.dsn(DATABASE), autocommit=True) as follower,
    ):
        session_id = add_session(primary)
        wait_for_replay(crashing, second)
        promoted.execute("alter system set primary_conninfo = ''")
        promoted.execute("select pg_reload_conf()")
        until(lambda: not exists(promoted, "select from pg_stat_wal_receiver where pid is not null"))
        add_events(primary, session_id, spread(5))
        primary.execute("checkpoint")
        cursor = cursor_of(primary, session_id)
        crashing.stop("immediate")
        promoted.execute("select pg_promote()")
        add_events(promoted, session_id, spread(3))
        wait_for_replay(first, second)
        with pytest.raises(psycopg.DatabaseError) as refused:
            cursor_of(follower, session_id, cursor)
        assert refused.value.sqlstate == "SE003"
