"""docs/managed.md with a role that is no superuser: it owns the tables and may create roles."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from addresses import conninfo
from stack import migrations
from stack.binaries import REPOSITORY
from stack.datadir import private_directory
from stack.errors import StackError
from stack.postgres import Cluster
from stack.postgres import cluster as running_cluster
from tests.dba.document import Block, blocks, prints
from tests.dba.situations import create_parent
from tests.migrations.scripts import fingerprint, psql
from tests.polling.pollers import call
from tests.support.rows import add_events, add_session, spread

DOCUMENT = REPOSITORY / "docs" / "managed.md"
OWNER = "product_owner"


@pytest.fixture
def server() -> Iterator[Cluster]:
    """A server with the parent product's database, which belongs to OWNER's tables and to nobody else's role."""
    with (
        private_directory() as directory,
        running_cluster(directory / "postgres", settings={"fsync": "off"}) as running,
    ):
        create_parent(lambda name: psycopg.connect(running.dsn(name)), "product")
        with psycopg.connect(running.dsn("product")) as connection:
            connection.execute(sql.SQL("create role {} login password 'owner'").format(sql.Identifier(OWNER)))
            for table in ("sessions", "steps", "events"):
                name = sql.Identifier("public", table)
                connection.execute(sql.SQL("alter table {} owner to {}").format(name, sql.Identifier(OWNER)))
        yield running


@pytest.fixture
def owner(server: Cluster) -> str:
    """The owner's way to the product's database, without the rights that the document gives."""
    return server.dsn("product", user=OWNER, password="owner")


def documented(heading: str, language: str) -> list[Block]:
    """The blocks of one section in one language."""
    return [block for block in blocks(DOCUMENT) if (block.heading, block.language) == (heading, language)]


def administer(server: Cluster, *given: Block) -> None:
    """Runs blocks as whoever administers the server."""
    for block in given:
        result = psql(server.dsn("product"), "--command", block.text)
        assert result.returncode == 0, result.stdout


def run(block: Block, dsn: str) -> str:
    """Runs a bash block in the top directory as the owner; what it printed, which must be what the document shows."""
    author = {"SQITCH_FULLNAME": "A DBA", "SQITCH_EMAIL": "dba@localhost"}
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.text],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, **author, **conninfo.environment(dsn)},
    )
    assert result.returncode == 0, result.stdout
    assert block.expected is None or prints(block.expected, result.stdout), result.stdout
    return result.stdout


def total(server: Cluster) -> str:
    """What PostgREST's role gets of a session that the owner writes."""
    with psycopg.connect(server.dsn("product", user=OWNER, password="owner"), autocommit=True) as connection:
        session_id = add_session(connection)
        add_events(connection, session_id, spread(3))
    with psycopg.connect(server.dsn("product")) as connection:
        connection.execute("set role session_events_reader")
        answer: dict[str, Any] = call(connection, {"p_session_id": session_id})[1]
        return str(answer["Total-Count"])


def test_document(server: Cluster, owner: str) -> None:
    """Everything should work with the rights that are listed, and go on working once they are taken back."""
    rights, stats = documented("The rights", "sql")
    administer(server, rights, stats)
    before = fingerprint(owner)
    (deploy,) = documented("Deploy", "bash")
    assert "pg_read_all_stats" not in run(deploy, owner)
    assert total(server) == "3"

    administer(server, *documented("Deploy", "sql"))
    migrations.verify(owner)
    assert total(server) == "3"

    administer(server, rights)
    migrations.revert(owner)
    assert fingerprint(owner) == before


@pytest.mark.parametrize(
    "missing", ["alter role product_owner createrole;", "grant create on database", "grant usage, create"]
)
def test_each_right_is_needed(missing: str, server: Cluster, owner: str) -> None:
    """Each right that the document lists should be needed."""
    rights = documented("The rights", "sql")[0]
    lines = [line for line in rights.text.splitlines() if not line.startswith(missing)]
    assert len(lines) == len(rights.text.splitlines()) - 1
    result = psql(server.dsn("product"), "--command", "\n".join(lines))
    assert result.returncode == 0, result.stdout
    with pytest.raises(StackError, match="cannot deploy to the database product: it lacks C"):
        migrations.deploy(owner)


def test_without_stats(server: Cluster, owner: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Where pg_read_all_stats cannot be had, the deploy should warn and succeed; once it is granted, nobody warns."""
    administer(server, documented("The rights", "sql")[0])
    with psycopg.connect(owner) as connection:
        if connection.info.server_version < 160000:
            pytest.skip("PostgreSQL 15 lets every role with CREATEROLE grant pg_read_all_stats")
    migrations.deploy(owner)
    assert "session_events_definer cannot have pg_read_all_stats" in capfd.readouterr().err
    migrations.verify(owner)
    assert "session_events_definer lacks pg_read_all_stats" in capfd.readouterr().err
    assert total(server) == "3"
    administer(server, *documented("pg_read_all_stats", "sql"))
    migrations.verify(owner)
    assert "WARNING" not in capfd.readouterr().err


def test_stats_taken_away(server: Cluster, owner: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Where pg_read_all_stats is gone and verify's role cannot give it, verify should warn and succeed."""
    administer(server, *documented("The rights", "sql")[:1])
    migrations.deploy(owner)
    result = psql(server.dsn("product"), "--command", "revoke pg_read_all_stats from session_events_definer")
    assert result.returncode == 0
    capfd.readouterr()
    migrations.verify(owner)
    assert "session_events_definer lacks pg_read_all_stats" in capfd.readouterr().err


def test_superuser_after_the_owner(server: Cluster, owner: str) -> None:
    """A superuser should not run what the owner has deployed with its own rights."""
    administer(server, *documented("The rights", "sql"))
    migrations.deploy(owner)
    with pytest.raises(StackError, match=f"would not be safe(.|\n)*{OWNER}"):
        migrations.revert(server.dsn("product"))


def test_explain(server: Cluster, owner: str) -> None:
    """Without the right to load auto_explain the command should tell what the call has read, and why no plans."""
    administer(server, *documented("The rights", "sql"))
    migrations.deploy(owner)
    with psycopg.connect(owner, autocommit=True) as connection:
        session_id = add_session(connection)
        add_events(connection, session_id, spread(30))
    result = subprocess.run(
        [sys.executable, "-m", "stack", "explain", str(session_id), "--limit", "5"],
        check=False,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, "DATABASE_URL": owner},
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(
        f"'{OWNER}' is no superuser, and only one may load auto_explain, so there are no plans"
    )
    read = dict(line.split(None, 1) for line in result.stdout.splitlines() if "events_" in line)
    assert int(read["events_by_time"].split()[1]) >= 30, result.stdout
    assert "5 of 30 events." in result.stdout
