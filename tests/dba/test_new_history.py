"""A disk that was set back to a snapshot, made a history of its own."""

import shutil
import subprocess
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from stack.account import give_to_server
from stack.datadir import private_directory
from stack.postgres import Cluster
from stack.postgres import cluster as running_cluster
from tests.migrations.scripts import deploy
from tests.polling.pollers import call
from tests.support.rows import add_events, add_session, spread


@pytest.fixture
def server() -> Iterator[Cluster]:
    """A server of its own, with the schema in the database postgres."""
    with (
        private_directory() as directory,
        running_cluster(directory / "postgres", settings={"fsync": "off"}) as running,
    ):
        deploy(running.dsn("postgres"))
        yield running


def test_promotion_refuses_cursors_of_the_lost_time(server: Cluster) -> None:
    """After a start as a standby and a promotion, cursors of what was lost should be refused, and all others serve."""
    with connected(server) as connection:
        session_id = add_session(connection)
        add_events(connection, session_id, spread(3))
        before = cursor(connection, session_id)
    server.stop()
    snapshot = server.data_dir.with_name("snapshot")
    subprocess.run(["cp", "--archive", server.data_dir, snapshot], check=True)
    server.start()
    with connected(server) as connection:
        add_events(connection, session_id, spread(3))
        lost = cursor(connection, session_id)
    server.stop()
    shutil.rmtree(server.data_dir)
    snapshot.rename(server.data_dir)
    signal = server.data_dir / "standby.signal"
    signal.touch()
    give_to_server(signal)
    server.start()
    with connected(server) as connection:
        assert connection.execute("select pg_promote()").fetchone() == (True,)
        with pytest.raises(psycopg.DatabaseError) as refused:
            cursor(connection, session_id, lost)
        assert refused.value.sqlstate == "SE003"
        assert cursor(connection, session_id, before)
        after = cursor(connection, session_id)
        add_events(connection, session_id, spread(1))
        assert len(call(connection, {"p_session_id": session_id, "p_cursor": after})[0]) == 1


def connected(server: Cluster) -> psycopg.Connection[Any]:
    """A connection of the owner, each statement committed at once."""
    return psycopg.connect(server.dsn("postgres"), autocommit=True)


def cursor(connection: psycopg.Connection[Any], session_id: UUID, given: str | None = None) -> str:
    """The cursor of an answer."""
    return call(connection, {"p_session_id": session_id, "p_cursor": given})[1]["Events-Cursor"]
