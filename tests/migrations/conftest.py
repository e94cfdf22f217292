"""A server of its own: a revert takes roles away that every other database of a cluster would miss."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stack import migrations
from stack.datadir import private_directory
from stack.postgres import Cluster, cluster
from tests.migrations.scripts import run

PARENT = Path(__file__).with_name("parent.sql")


@pytest.fixture(scope="package")
def server() -> Iterator[Cluster]:
    """A PostgreSQL server without any database of ours."""
    with private_directory() as directory, cluster(directory / "postgres", settings={"fsync": "off"}) as running:
        yield running


@pytest.fixture(scope="package")
def database(server: Cluster) -> Callable[[str], str]:
    """Makes a database as a copy of another one, and returns the owner's way to it."""
    numbers = itertools.count()

    def make(template: str) -> str:
        name = f"scratch_{next(numbers)}"
        server.create_database(name, template=template)
        return server.dsn(name)

    return make


@pytest.fixture(scope="package")
def deployed_template(server: Cluster) -> str:
    """The name of a database that sqitch has brought to the newest change."""
    server.create_database("deployed")
    migrations.deploy(server.dsn("deployed"))
    return "deployed"


@pytest.fixture(scope="package")
def parent_template(server: Cluster) -> str:
    """The name of a database with the parent product's tables in use, and nothing of ours."""
    server.create_database("parent")
    run(server.dsn("parent"), PARENT)
    return "parent"


@pytest.fixture
def empty(database: Callable[[str], str]) -> str:
    """A database with nothing in it."""
    return database("template1")


@pytest.fixture
def deployed(database: Callable[[str], str], deployed_template: str) -> str:
    """A database at the newest change, without rows."""
    return database(deployed_template)


@pytest.fixture
def parent(database: Callable[[str], str], parent_template: str) -> str:
    """A database with the parent product's tables in use, and nothing of ours."""
    return database(parent_template)
