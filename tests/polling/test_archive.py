"""A standby that lags behind its upstream's promotion, and reads the new timeline from an archive."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest

from stack.datadir import private_directory
from stack.postgres import Cluster, standby
from tests.polling.pollers import CursorPoller, committed_events
from tests.polling.states import exists, until, wait_for_replay
from tests.polling.test_lost_upstream import assert_lost, connected, cut_off
from tests.support.rows import add_events, add_session, spread

Connection = psycopg.Connection[Any]
# More than the promoted one gives out again.
LOST = 20
WAITING_RECEIVER = "select from pg_stat_wal_receiver where status = 'waiting' and received_tli = 1"


@pytest.fixture(autouse=True)
def started_again(crashing: Cluster) -> Iterator[None]:
    """Leaves the primary running, for the tests after this one."""
    yield
    crashing.restart()
    with connected(crashing) as connection:
        connection.execute("drop table public.read")


def set_up(server: Connection, **settings: str) -> None:
    """Gives a server settings that it takes while it runs."""
    for name, value in settings.items():
        server.execute(f"alter system set {name} = '{value}'".encode())
    server.execute("select pg_reload_conf()")


def archived(promoted: Cluster, writer: Connection) -> str:
    """Puts the promoted one's WAL beside its data; the command that restores from there."""
    archive = promoted.data_dir / "archive"
    writer.execute("select pg_switch_wal()")
    copy = f"mkdir {archive} && cp {promoted.data_dir}/pg_wal/0* {archive}"
    writer.execute(f"copy (select) to program '{copy}'".encode())
    return f"cp {archive}/%f %p"


def test_a_standby_whose_receiver_still_waits_refuses_the_lost_history(crashing: Cluster) -> None:
    """Once it has replayed the new timeline from an archive, a standby should refuse what the lost primary alone had.

    Its receiver then waits, and still names the timeline that has ended, or has once in a while begun on the new one.
    """
    with (
        private_directory() as directory,
        standby(crashing, directory / "first") as first,
        standby(first, directory / "second") as second,
        closing(connected(crashing)) as primary,
        connected(first) as promoted,
        connected(second) as lagging,
        connected(second) as reader,
    ):
        session_id = add_session(primary)
        primary.execute("create table public.read ()")
        wait_for_replay(crashing, second)
        # Its control file would learn of the timeline when a page is written.
        set_up(lagging, max_standby_archive_delay="-1", bgwriter_lru_maxpages="0")
        reader.execute("begin")
        reader.execute("select from public.read")
        lagging.execute("select pg_wal_replay_pause()")
        cut_off(first)
        for _ in range(LOST):
            add_events(primary, session_id, spread(1))
        lost = CursorPoller(session_id)
        lost.poll(primary)
        crashing.stop("immediate")
        promoted.execute("select pg_promote()")
        for _ in range(LOST):
            add_events(promoted, session_id, spread(1))
        # There replay stops, for the reader holds it.
        promoted.execute("drop table public.read")
        set_up(lagging, restore_command=archived(first, promoted))
        # Replay would end a receiver that does not wait yet.
        until(lambda: exists(lagging, WAITING_RECEIVER))
        lagging.execute("select pg_wal_replay_resume()")
        until(lambda: exists(lagging, "select from pg_locks where not granted"))
        assert len(committed_events(lagging, session_id)) == LOST
        assert lost.cursor is not None
        assert_lost(lagging, session_id, lost.cursor)
        reader.execute("rollback")
