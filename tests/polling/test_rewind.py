"""pg_rewind: a primary that was lost comes back as a standby of the one that was promoted in its place."""

import psycopg
import pytest

from addresses import conninfo
from stack.account import run_as_server
from stack.binaries import server_bindir, server_major
from stack.datadir import private_directory
from stack.postgres import Cluster, cluster, standby
from tests.migrations.scripts import deploy
from tests.polling.conftest import DATABASE
from tests.polling.pollers import CursorPoller
from tests.polling.states import wait_for_replay
from tests.polling.test_standby import cursor_of
from tests.support.rows import add_events, add_session, spread

# What pg_rewind asks for: a log of hint bits, and the WAL since the last checkpoint before the promotion.
SETTINGS = {"wal_log_hints": "on", "wal_keep_size": "256MB"}


def rewind(lost: Cluster, promoted: Cluster) -> None:
    """Makes the stopped server a standby of the promoted one, without the commits that only it had."""
    result = run_as_server(
        [
            server_bindir(server_major()) / "pg_rewind",
            *("--target-pgdata", lost.data_dir.resolve()),
            *("--source-server", "dbname=postgres"),
            "--write-recovery-conf",
        ],
        env=conninfo.environment(promoted.dsn("postgres")),
    )
    assert result.returncode == 0, result.stdout


def test_rewound_primary_serves_the_new_history() -> None:
    """It should refuse the cursors of its lost history, and take those of the new primary and lose nothing."""
    if not (server_bindir(server_major()) / "pg_rewind").is_file():
        pytest.skip(f"PostgreSQL {server_major()} has no pg_rewind here")
    with private_directory() as directory, cluster(directory / "first", settings=SETTINGS) as lost:
        lost.create_database(DATABASE)
        deploy(lost.dsn(DATABASE))
        with standby(lost, directory / "second") as promoted:
            with psycopg.connect(lost.dsn(DATABASE), autocommit=True) as primary:
                session_id = add_session(primary)
                add_events(primary, session_id, spread(3))
                wait_for_replay(lost, promoted)
                promote(promoted)
                # Nobody but the lost primary has these.
                add_events(primary, session_id, spread(5))
                old = cursor_of(primary, session_id)
            lost.stop()
            poller = CursorPoller(session_id)
            with psycopg.connect(promoted.dsn(DATABASE), autocommit=True) as connection:
                add_events(connection, session_id, spread(2))
                poller.poll(connection)
                # More than the lost primary wrote: its cursor's ids are the new history's now.
                for _ in range(20):
                    add_events(connection, session_id, spread(1))
            rewind(lost, promoted)
            lost.start()
            wait_for_replay(promoted, lost)
            with psycopg.connect(lost.dsn(DATABASE), autocommit=True) as rejoined:
                with pytest.raises(psycopg.DatabaseError) as refused:
                    cursor_of(rejoined, session_id, old)
                assert refused.value.sqlstate == "SE003"
                poller.poll(rejoined)
                assert len(poller.seen) == 3 + 2 + 20


def promote(server: Cluster) -> None:
    """Makes a standby the primary; its control file knows the new timeline afterwards, which pg_rewind needs."""
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        connection.execute("select pg_promote()")
        connection.execute("checkpoint")
