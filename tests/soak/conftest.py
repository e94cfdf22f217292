"""A proxy of its own, that nobody else has made grow."""

import resource
from collections.abc import Iterator

import pytest

from stack.proxy import proxy
from stack.whole import Stack
from tests.http.parts import OwnProxy
from tests.support.client import Client


@pytest.fixture(scope="module")
def own(running_stack: Stack) -> Iterator[OwnProxy]:
    """A fresh proxy; it and this process may open as much as the machine lets them."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with proxy(running_stack.postgrest_url) as process:
        client = Client(process.url)
        with client.session:
            yield OwnProxy(client, process)
