"""A proxy of its own, that nobody else has made grow."""

import resource
from collections.abc import Iterator

import pytest

from stack.proxy import proxy
from stack.whole import Stack
from tests.http.parts import OwnProxy
from tests.support.client import Client

USUAL = 1024


@pytest.fixture(scope="module")
def own(running_stack: Stack) -> Iterator[OwnProxy]:
    """A fresh proxy that was started with the usual limit of open files; this process may open all that it can."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(USUAL, most), most))
    with proxy(running_stack.postgrest_url) as process:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        client = Client(process.url)
        with client.session:
            yield OwnProxy(client, process)
