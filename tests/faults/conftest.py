"""A site for the faults, and pollers over it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

import pytest

from stack.postgres import cluster as running_cluster
from tests.faults.faults import Fault, fault
from tests.faults.site import Site, site
from tests.stack.conftest import Commands, make_commands
from tests.support.prepared import PrivateDirectory

__all__ = ["make_commands"]

MAX_CONNECTIONS = 30


@pytest.fixture(scope="package")
def place(prepared: PrivateDirectory, make_commands: Callable[[], Commands]) -> Iterator[Site]:
    """One site for all; each fault is mended."""
    settings = {"max_connections": str(MAX_CONNECTIONS)}
    with (
        prepared() as directory,
        running_cluster(directory / "postgres", settings=settings) as server,
        site(server, make_commands()) as place,
    ):
        yield place


@pytest.fixture
def breaks(request: pytest.FixtureRequest, place: Site) -> Callable[..., AbstractContextManager[Fault]]:
    """`fault` at the site, for this test."""
    return partial(fault, request, place)
