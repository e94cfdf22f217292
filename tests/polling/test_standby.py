"""Cursors on a standby."""

from typing import Any
from uuid import UUID

import psycopg

from stack.postgres import Cluster
from tests.polling.conftest import DATABASE
from tests.polling.pollers import CursorPoller, TimestampPoller, Walker, call
from tests.polling.states import wait_for_replay
from tests.polling.test_lossless import committed, written_while_polled
from tests.polling.writers import finish
from tests.support.rows import add_events, add_session, spread


def test_cursor_loses_nothing_on_a_standby(crashing: Cluster, replica: Cluster) -> None:
    """A follower of the cursor that reads only the standby should end with exactly what the primary committed."""
    with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as connection:
        session_id = add_session(connection)
        wait_for_replay(crashing, replica)
        poller = CursorPoller(session_id)
        writers = written_while_polled(crashing.dsn(DATABASE), replica.dsn(DATABASE), session_id, "standby", [poller])
        finish(connection, writers)
        # Replay of asynchronous work (rollbacks) is of no interest; of commits it is.
        connection.execute("select pg_switch_wal()")
        wait_for_replay(crashing, replica)
        everything = committed(connection, session_id)
    with psycopg.connect(replica.dsn(DATABASE), autocommit=True) as connection:
        poller.poll(connection)
        assert set(poller.seen) == everything


def test_cursors_of_primary_and_standby_serve_on_both(crashing: Cluster, replica: Cluster) -> None:
    """A client that is sent now to the primary and now to the standby should lose nothing."""
    with (
        psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as primary,
        psycopg.connect(replica.dsn(DATABASE), autocommit=True) as secondary,
    ):
        session_id = add_session(primary)
        wait_for_replay(crashing, replica)
        poller = CursorPoller(session_id)
        events = spread(6)
        for number, event in enumerate(events):
            add_events(primary, session_id, [event])
            if number % 2:
                wait_for_replay(crashing, replica)
            poller.poll([primary, secondary][number % 2])
        assert set(poller.seen) == {str(event.id) for event in events}


def test_a_walk_past_what_a_standby_asks_for_tells_what_it_counts(crashing: Cluster, replica: Cluster) -> None:
    """With more than 10,000 transactions younger than a writer in flight, the pages of a walk should have its total."""
    with (
        psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as primary,
        psycopg.connect(crashing.dsn(DATABASE)) as writer,
        psycopg.connect(replica.dsn(DATABASE), autocommit=True) as secondary,
    ):
        session_id = add_session(primary)
        writer.execute("select pg_current_xact_id()")
        primary.execute(
            "do $$ begin for number in 1 .. 10001 loop perform pg_current_xact_id(); commit; end loop; end $$"
        )
        add_events(primary, session_id, spread(20))
        wait_for_replay(crashing, replica)
        walker = Walker(session_id)
        walker.poll(secondary)
        assert (len(walker.events), walker.total) == (20, 20)


def cursor_of(connection: psycopg.Connection[Any], session_id: UUID, cursor: str | None = None) -> str:
    """The cursor of an answer."""
    return call(connection, {"p_session_id": session_id, "p_cursor": cursor})[1]["Events-Cursor"]


def test_the_timestamp_stays_where_a_restart_forgets_the_last_commit(crashing: Cluster, replica: Cluster) -> None:
    """A standby that has replayed no commit since it started should not tell a time before the `since` it gave out."""
    with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as primary:
        session_id = add_session(primary)
        add_events(primary, session_id, spread(1))
        poller = TimestampPoller(session_id)
        wait_for_replay(crashing, replica)
        with psycopg.connect(replica.dsn(DATABASE), autocommit=True) as secondary:
            poller.poll(secondary)
        given = poller.since
        # The time of a checkpoint is in whole seconds, and it has the commit behind it.
        primary.execute("checkpoint")
        wait_for_replay(crashing, replica)
    with psycopg.connect(replica.dsn(DATABASE), autocommit=True) as secondary:
        secondary.execute("checkpoint")
    replica.restart()
    with psycopg.connect(replica.dsn(DATABASE), autocommit=True) as secondary:
        assert secondary.execute("select pg_last_xact_replay_timestamp()").fetchone() == (None,)
        poller.poll(secondary)
    assert given is not None
    assert poller.since is not None
    assert poller.since >= given
