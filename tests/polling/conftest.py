"""A cluster of its own, because these tests crash it."""

import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from stack.datadir import private_directory
from stack.postgres import Cluster, standby
from stack.postgres import cluster as running_cluster
from tests.support.long import LONG
from tests.support.prepared import TEMPLATE, PrivateDirectory

DATABASE = "polling"


@pytest.fixture(scope="package")
def crashing(prepared: PrivateDirectory) -> Iterator[Cluster]:
    """A migrated cluster that a test may crash and start again."""
    settings = {
        # What is not flushed at a crash is lost: a slow WAL writer makes sure that something is.
        "wal_writer_delay": "10s",
        "autovacuum": "off",
    }
    with prepared() as directory, running_cluster(directory / "postgres", settings=settings) as server:
        server.create_database(DATABASE, template=TEMPLATE)
        yield server


@pytest.fixture
def database(crashing: Cluster) -> Iterator[str]:
    """A migrated database of the test's own in that cluster, whose tables it may rebuild."""
    name = f"polling_{uuid.uuid4().hex}"
    crashing.create_database(name, template=TEMPLATE)
    yield crashing.dsn(name)
    with psycopg.connect(crashing.dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture
def replica(crashing: Cluster) -> Iterator[Cluster]:
    """A hot standby of the cluster."""
    with private_directory() as directory, standby(crashing, directory / "postgres") as server:
        yield server


@pytest.fixture
def connection(crashing: Cluster) -> Iterator[psycopg.Connection[Any]]:
    """A connection to the cluster's database."""
    with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as connection:
        yield connection


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Four seeds for a test that takes one, a hundred in the long profile (make test-long)."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(100 if LONG else 4))
