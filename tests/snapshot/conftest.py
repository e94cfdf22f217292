"""A client that polls as fast as it goes."""

from collections.abc import Iterator

import pytest
import requests

from stack.whole import Stack
from tests.support.client import Client


@pytest.fixture(scope="module")
def client(running_stack: Stack) -> Iterator[Client]:
    """A client that holds no answer to its schema, since that takes longer than the poll."""
    with requests.Session() as session:
        yield Client(running_stack.proxy_url, session)
