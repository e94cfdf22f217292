"""DATABASE_URL: an existing database instead of a private cluster."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from stack.datadir import private_directory
from stack.postgres import Cluster, cluster
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


def test_not_reachable(commands: Commands, tmp_path: Path) -> None:
    """Where it cannot be reached `up` should fail and say so without the password."""
    password = uuid.uuid4().hex
    url = f"postgresql://someone:{password}@/nowhere?host={tmp_path}"
    result = commands("up", env={"DATABASE_URL": url})
    assert result.returncode == 1
    assert str(tmp_path) in result.stderr
    assert password not in result.stderr + result.stdout + (commands.directory / "stack.log").read_text()
    assert commands.processes() == {}
