"""What a crash does to transaction ids, and to the cursors that are made of them."""

import os
import signal
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest

from stack.postgres import Cluster
from tests.polling.conftest import DATABASE
from tests.polling.pollers import CursorPoller, call
from tests.polling.states import flush_wal
from tests.support.rows import add_events, add_session, spread
from tests.support.waiting import wait_until

BURNT = 50
Crash = Callable[[Cluster, psycopg.Connection[Any]], None]


def burn_transaction_ids(connection: psycopg.Connection[Any]) -> None:
    """Uses up ids that leave nothing durable behind: their transactions roll back, and nobody waits for the WAL."""
    for _ in range(BURNT):
        connection.execute("begin")
        connection.execute("select pg_current_xact_id()")
        connection.execute("rollback")


def crash_postmaster(server: Cluster, _connection: psycopg.Connection[Any]) -> None:
    """The whole server is gone at once, and is started again."""
    server.kill()
    server.start()


def crash_backend(server: Cluster, connection: psycopg.Connection[Any]) -> None:
    """One backend is gone; the postmaster ends the others and recovers by itself, under the same start time."""
    before = incarnation(connection)
    os.kill(connection.info.backend_pid, signal.SIGKILL)

    def recovered() -> bool:
        try:
            with psycopg.connect(server.dsn(DATABASE)) as probe:
                return incarnation(probe) != before
        except psycopg.OperationalError:
            return False

    wait_until(recovered, "the server recovers")


def incarnation(connection: psycopg.Connection[Any]) -> int:
    """What changes with every crash."""
    return int(scalar(connection, "select incarnation from events_internal.history()"))


@pytest.mark.parametrize("crash", [crash_postmaster, crash_backend])
def test_ids_given_out_again_after_a_crash_lose_no_event(crashing: Cluster, crash: Crash) -> None:
    """An event whose id of transaction was lost in the crash before should still come to a cursor from before."""
    # Where the WAL writer happened to come by just before the crash, nothing is given out again.
    if not any(event_with_an_id_given_again(crashing, crash) for _ in range(10)):
        pytest.fail("ten crashes gave out no transaction id again, so nothing is proven")


def event_with_an_id_given_again(crashing: Cluster, crash: Crash) -> bool:
    """Polls over a crash and asserts that nothing is lost; whether an id from before the crash was given out again."""
    with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as connection:
        session_id = add_session(connection)
        add_events(connection, session_id, spread(3))
        connection.execute("checkpoint")
        burn_transaction_ids(connection)
        poller = CursorPoller(session_id)
        poller.poll(connection)
        seen_up_to = scalar(connection, "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        crash(crashing, connection)
    with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as connection:
        (new,) = spread(1, event_type="error")
        add_events(connection, session_id, [new])
        written_by = scalar(connection, "select insert_xid::text::bigint from public.events where id = %s", [new.id])
        poller.poll(connection)
        assert poller.seen[str(new.id)] == 1
        assert len(poller.seen) == 4
    return bool(written_by < seen_up_to)


def test_a_clean_restart_repeats_nothing(crashing: Cluster) -> None:
    """A cursor from before a restart should go on exactly where it was."""
    with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as connection:
        session_id = add_session(connection)
        poller = CursorPoller(session_id)
        add_events(connection, session_id, spread(3))
        poller.poll(connection)
    crashing.restart()
    with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as connection:
        add_events(connection, session_id, spread(2))
        poller.poll(connection)
        assert len(poller.seen) == 5
        assert max(poller.seen.values()) == 1


def test_a_crash_repeats_only_what_was_written_since_the_checkpoint(crashing: Cluster) -> None:
    """After a crash one poll should repeat what came after the last checkpoint, and nothing older."""
    with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as connection:
        session_id = add_session(connection)
        poller = CursorPoller(session_id)
        old, recent = spread(3), spread(2)
        add_events(connection, session_id, old)
        connection.execute("checkpoint")
        add_events(connection, session_id, recent)
        # What nobody waits for is not on disk yet.
        connection.execute("begin")
        add_events(connection, session_id, spread(1))
        connection.execute("rollback")
        poller.poll(connection)
    crashing.kill()
    crashing.start()
    with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as connection:
        poller.poll(connection)
        poller.poll(connection)
        assert {poller.seen[str(event.id)] for event in old} == {1}
        assert {poller.seen[str(event.id)] for event in recent} == {2}


def test_a_crash_repeats_nothing_that_a_cursor_knows_to_be_on_disk(crashing: Cluster) -> None:
    """A cursor of a moment when nothing waited to be written should go on after a crash where it was."""
    with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as connection:
        session_id = add_session(connection)
        poller = CursorPoller(session_id)
        add_events(connection, session_id, spread(3))
        flush_wal(connection)
        poller.poll(connection)
    crashing.kill()
    crashing.start()
    with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as connection:
        add_events(connection, session_id, spread(2))
        poller.poll(connection)
        assert len(poller.seen) == 5
        assert max(poller.seen.values()) == 1


def test_a_copy_of_the_database_refuses_the_cursors_of_the_original(crashing: Cluster) -> None:
    """A copy in the same cluster should refuse the original's cursors: from the copy on, its history is another one."""
    with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as connection:
        session_id = add_session(connection)
        _, answer = call(connection, {"p_session_id": session_id})
    crashing.create_database("copied", template=DATABASE)
    with psycopg.connect(crashing.dsn("copied"), autocommit=True) as copied:
        with pytest.raises(psycopg.DatabaseError) as refused:
            call(copied, {"p_session_id": session_id, "p_cursor": answer["Events-Cursor"]})
        assert refused.value.sqlstate == "SE003"
        assert call(copied, {"p_session_id": session_id})[1]["Total-Count"] == "0"


def test_ids_from_another_database_do_not_come_again_and_again(connection: psycopg.Connection[Any]) -> None:
    """Rows restored with ids that this cluster has not reached should be read once and then stay away from cursors."""
    session_id = add_session(connection)
    connection.execute(
        "insert into public.events (id, session_id, event_type, event_data, timestamp, insert_xid)"
        " values (gen_random_uuid(), %s, 'info', '{}', now(), '999999999999')",
        [session_id],
    )
    poller = CursorPoller(session_id)
    for _ in range(3):
        poller.poll(connection)
    assert list(poller.seen.values()) == [1]


def test_cursor_stays_short_with_many_writers_in_flight(crashing: Cluster, connection: psycopg.Connection[Any]) -> None:
    """A cursor should fit into a URL however many transactions are open, and still lose nothing."""
    session_id = add_session(connection)
    poller = CursorPoller(session_id)
    writers = [psycopg.connect(crashing.dsn(DATABASE)) for _ in range(80)]
    events = spread(len(writers))
    try:
        for writer, event in zip(writers, events, strict=True):
            add_events(writer, session_id, [event])
        poller.poll(connection)
        assert poller.cursor is not None
        assert len(poller.cursor) < 2100
        for number, writer in enumerate(writers):
            writer.commit()
            if number % 20 == 0:
                poller.poll(connection)
    finally:
        for writer in writers:
            writer.close()
    poller.poll(connection)
    poller.poll(connection)
    assert set(poller.seen) == {str(event.id) for event in events}


def scalar(connection: psycopg.Connection[Any], query: str, arguments: list[UUID] | None = None) -> Any:
    """The one value of a query."""
    row = connection.execute(query, arguments).fetchone()
    assert row is not None
    return row[0]
