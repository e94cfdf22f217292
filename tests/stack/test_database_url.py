"""DATABASE_URL: an existing database instead of a private cluster."""

import socket
from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import sql

from stack import migrations
from stack.datadir import private_directory
from stack.postgres import Cluster, cluster, standby
from stack.postgrest import AUTHENTICATOR
from tests.migrations.scripts import deploy, fingerprint
from tests.support.client import Client
from tests.support.rows import add_events, add_session, newest_first, spread

from .conftest import Commands


@pytest.fixture(scope="module")
def existing() -> Iterator[Cluster]:
    """A database server that runs already, and is not the stack's."""
    with private_directory() as directory, cluster(directory / "data", settings={"fsync": "off"}) as server:
        yield server


@pytest.fixture
def commands(make_commands: Callable[[], Commands]) -> Iterator[Commands]:
    """Commands for a directory without data."""
    commands = make_commands()
    yield commands
    commands("down")


def test_used(existing: Cluster, commands: Commands) -> None:
    """The stack should serve that database, make no cluster, and leave the data where they are at `down`."""
    existing.create_database("used")
    url = existing.dsn("used", tcp=True)
    environment = commands.up({"DATABASE_URL": url})
    events = spread(3)
    with psycopg.connect(url) as connection:
        session_id = add_session(connection)
        add_events(connection, session_id, events)
    client = Client(environment["PROXY_URL"])
    with client.session:
        assert client.ids(session_id) == newest_first(events)
    assert not (commands.directory / "postgres").exists()
    assert commands("down").returncode == 0
    with psycopg.connect(url) as connection:
        assert connection.execute("select count(*) from public.events").fetchone() == (3,)


def test_own_password_serves_again(existing: Cluster, commands: Commands) -> None:
    """Where nobody has given the role a password it should get one, which later starts should use and not replace."""
    url = _own_roles(existing, "again")
    commands.up({"DATABASE_URL": url})
    verifier = _verifier(existing)
    assert verifier is not None
    commands("down")
    commands.up({"DATABASE_URL": url})
    assert _verifier(existing) == verifier


def test_password_of_the_operator_stays(existing: Cluster, commands: Commands) -> None:
    """A password that an operator has set should never be replaced; `up` should name the setting, and serve with it."""
    url = _own_roles(existing, "operated")
    migrations.deploy(url)
    with psycopg.connect(url) as connection:
        connection.execute(f"alter role {AUTHENTICATOR} password 'chosen by an operator'")
    verifier = _verifier(existing)
    refused = commands("up", env={"DATABASE_URL": url})
    assert (refused.returncode, commands.processes()) == (1, {})
    assert "set AUTHENTICATOR_PASSWORD" in refused.stderr
    wrong = commands("up", env={"DATABASE_URL": url, "AUTHENTICATOR_PASSWORD": "another"})
    assert wrong.returncode == 1
    assert "AUTHENTICATOR_PASSWORD is not the password of session_events_authenticator" in wrong.stderr
    commands.up({"DATABASE_URL": url, "AUTHENTICATOR_PASSWORD": "chosen by an operator"})
    assert _verifier(existing) == verifier


def test_role_of_somebody_else_stays(existing: Cluster, commands: Commands) -> None:
    """A role of that name which the migrations did not make should not be given a password."""
    url = _own_roles(existing, "foreign")
    migrations.deploy(url)
    comment = sql.SQL(f"comment on role {AUTHENTICATOR} is {{}}")
    with psycopg.connect(url, autocommit=True) as connection:
        ours = connection.execute("select shobj_description(%s::regrole, 'pg_authid')", [AUTHENTICATOR]).fetchone()
        assert ours is not None
        connection.execute(comment.format("logs in with a certificate"))
        refused = commands("up", env={"DATABASE_URL": url})
        connection.execute(comment.format(ours[0]))
    assert refused.returncode == 1
    assert "set AUTHENTICATOR_PASSWORD" in refused.stderr
    assert _verifier(existing) is None


def _own_roles(server: Cluster, name: str) -> str:
    """A database without anything in it, in a server where nobody has given PostgREST's role a password."""
    server.create_database(name)
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        if connection.execute("select to_regrole(%s)", [AUTHENTICATOR]).fetchone() != (None,):
            connection.execute(f"alter role {AUTHENTICATOR} password null")
    return server.dsn(name, tcp=True)


def _verifier(server: Cluster) -> str | None:
    """What the server keeps of the role's password."""
    with psycopg.connect(server.dsn("postgres")) as connection:
        row = connection.execute("select rolpassword from pg_authid where rolname = %s", [AUTHENTICATOR]).fetchone()
    assert row is not None
    verifier: str | None = row[0]
    return verifier


@pytest.fixture
def nowhere(existing: Cluster) -> Iterator[dict[str, str]]:
    """Addresses that lead to no database, each with the password `secret`."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        yield {
            "no socket": "postgresql://someone:secret@/nowhere?host=/nowhere",
            "wrong password": existing.dsn("postgres", user="someone", password="secret", tcp=True),
            "wrong database": existing.dsn("nowhere", tcp=True).replace(existing.password, "secret"),
            "silence": f"postgresql://someone:secret@127.0.0.1:{port}/nowhere?connect_timeout=2",
        }


@pytest.mark.parametrize("what", ["no socket", "wrong password", "wrong database", "silence"])
def test_not_reachable(commands: Commands, nowhere: dict[str, str], what: str) -> None:
    """Where it cannot be reached `up` should fail and say in a line to which address, without the password."""
    result = commands("up", env={"DATABASE_URL": nowhere[what]})
    assert result.returncode == 1
    assert result.stderr.startswith("stack: DATABASE_URL leads to no database (postgresql://")
    assert len(result.stderr.splitlines()) == 1
    assert "secret" not in result.stderr + result.stdout
    assert_nothing_left(commands)


def test_standby_refused(existing: Cluster, commands: Commands) -> None:
    """A standby should be refused, whatever is deployed on it, with a word on what to name instead."""
    existing.create_database("standing_by")
    deploy(existing.dsn("standing_by"))
    with private_directory() as directory, standby(existing, directory / "data") as server:
        for name in ("standing_by", "template1"):
            result = commands("up", env={"DATABASE_URL": server.dsn(name, tcp=True)})
            assert result.returncode == 1
            assert "DATABASE_URL leads to a standby" in result.stderr
            assert "name its primary, or all servers with target_session_attrs=read-write" in result.stderr
            assert len(result.stderr.splitlines()) == 1
            assert server.password not in result.stderr
            assert_nothing_left(commands)


def test_role_without_rights(existing: Cluster, commands: Commands) -> None:
    """A role that may not deploy should be told what it lacks, and nothing be built."""
    existing.create_database("of_others")
    with psycopg.connect(existing.dsn("of_others"), autocommit=True) as connection:
        connection.execute("create role nobody login password 'nobody'")
    url = existing.dsn("of_others", user="nobody", password="nobody", tcp=True)
    before = fingerprint(existing.dsn("of_others"))
    result = commands("up", env={"DATABASE_URL": url})
    assert result.returncode == 1
    assert "nobody cannot deploy to the database of_others: it lacks CREATEROLE, CREATE on the" in result.stderr
    assert len(result.stderr.splitlines()) == 2, "what is wrong, and what to do"
    assert fingerprint(existing.dsn("of_others")) == before
    assert_nothing_left(commands)


def assert_nothing_left(commands: Commands) -> None:
    """No process, and no file but a log and the lock."""
    assert commands.processes() == {}
    assert {file.name for file in commands.directory.iterdir()} <= {"lock", "stack.log"}
