"""The real stack, started once for all tests; each test makes sessions of its own."""

import os
import signal
from collections.abc import Iterator
from functools import partial
from typing import Any

import psycopg
import pytest

from stack.postgres import Cluster
from stack.whole import Stack, stack
from tests.support.client import Client
from tests.support.forced import FORCED
from tests.support.prepared import PrivateDirectory, prepared_directory


def pytest_configure() -> None:
    """Lets SIGTERM end a run as Ctrl-C does, with its servers stopped; and nohup change nothing for what is started."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> PrivateDirectory:
    """Makes directories in which a stack finds a database with the schema."""
    own = tmp_path_factory.getbasetemp()
    # The workers of a run share the directory above their own.
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    return partial(prepared_directory, shared / "prepared")


@pytest.fixture(scope="session")
def running_stack(prepared: PrivateDirectory) -> Iterator[Stack]:
    """PostgreSQL, PostgREST and the proxy on free ports, with an empty database."""
    with prepared() as directory, stack(directory, env=FORCED) as running:
        yield running


@pytest.fixture(scope="session")
def database_url(running_stack: Stack) -> str:
    """The tables' owner's way to the database."""
    return running_stack.database_url


@pytest.fixture(scope="session")
def cluster(running_stack: Stack) -> Cluster:
    """The database server, for tests that need a database of their own on it."""
    assert running_stack.cluster is not None
    return running_stack.cluster


@pytest.fixture
def writer(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection that writes as the application does; every statement is committed at once."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def client(running_stack: Stack) -> Iterator[Client]:
    """A client of the proxy."""
    api = Client(running_stack.proxy_url)
    with api.session:
        yield api
