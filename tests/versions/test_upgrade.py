"""pg_upgrade to the newest server there is."""

from pathlib import Path

import psycopg
import pytest

from stack import migrations
from stack.account import run_as_server
from stack.binaries import server_bindir, server_major, server_majors
from stack.datadir import password_file, private_directory
from stack.postgres import cluster, free_port
from tests.polling.pollers import CursorPoller
from tests.polling.test_standby import cursor_of
from tests.support.long import long
from tests.support.rows import add_events, add_session, spread

DATABASE = "upgraded"
NEWEST = max(server_majors(), key=int)


def run(*command: str | Path, directory: Path, env: dict[str, str] | None = None) -> None:
    """A server program that must succeed, in a directory that it may write to."""
    result = run_as_server(["env", "--chdir", directory, *command], env=env)
    assert result.returncode == 0, result.stdout


def upgrade(directory: Path, old: str) -> None:
    """What a DBA does: page checksums on, as the new server has them, a new cluster, pg_upgrade."""
    before, after = directory / "before", directory / "after"
    if int(old) < 18:
        run(server_bindir(old) / "pg_checksums", "--enable", "-D", before, directory=directory)
    password = password_file(before).read_text()
    with cluster(after, major=NEWEST) as server, psycopg.connect(server.dsn("postgres")) as connection:
        # The role and its password come with the old cluster; until then pg_upgrade needs one for both.
        connection.execute(psycopg.sql.SQL("alter role testboost password {}").format(password))
    password_file(after).write_text(password)
    run(
        server_bindir(NEWEST) / "pg_upgrade",
        *("--old-bindir", server_bindir(old), "--new-bindir", server_bindir(NEWEST)),
        *("--old-datadir", before, "--new-datadir", after, "--socketdir", directory, "--username", "testboost"),
        # Its own ports may be somebody's.
        *("--old-port", str(free_port()), "--new-port", str(free_port())),
        directory=directory,
        env={"PGPASSWORD": password},
    )


@long
def test_upgrade_refuses_old_cursors_and_loses_nothing() -> None:
    """After pg_upgrade cursors of before should be refused, and those of after should tell all that is written then."""
    old = server_major()
    if old == NEWEST:
        pytest.skip(f"there is no newer PostgreSQL here than {NEWEST} to upgrade to")
    if not (server_bindir(old) / "pg_resetwal").is_file():
        pytest.skip(f"PostgreSQL {old} has no pg_resetwal here, which pg_upgrade needs")
    with private_directory() as directory:
        with cluster(directory / "before", major=old) as server:
            server.create_database(DATABASE)
            migrations.deploy(server.dsn(DATABASE))
            with psycopg.connect(server.dsn(DATABASE), autocommit=True) as connection:
                session_id = add_session(connection)
                add_events(connection, session_id, spread(5))
                cursor = cursor_of(connection, session_id)
        upgrade(directory, old)
        with cluster(directory / "after") as server:
            migrations.verify(server.dsn(DATABASE))
            with psycopg.connect(server.dsn(DATABASE), autocommit=True) as connection:
                assert connection.info.server_version // 10000 == int(NEWEST)
                with pytest.raises(psycopg.DatabaseError) as refused:
                    cursor_of(connection, session_id, cursor)
                assert refused.value.sqlstate == "SE003"
                poller = CursorPoller(session_id)
                poller.poll(connection)
                assert len(poller.seen) == 5
                add_events(connection, session_id, spread(3))
                poller.poll(connection)
                assert sorted(poller.seen.values()) == [1] * 8
