"""One kept connection to an HTTP server, for what is asked one request after the other."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from stack.errors import StackError


@dataclass(frozen=True)
class Client:
    """Asks and takes JSON."""

    connection: http.client.HTTPConnection

    def get(self, target: str) -> Any:  # noqa: ANN401  whatever JSON there is
        """The document of a 200; StackError as with `fetch`."""
        return json.loads(self.fetch(target))

    def fetch(self, target: str) -> bytes:
        """The body of a 200.

        Raises:
            StackError: any other status; with the body.
        """
        self.connection.request("GET", target)
        response = self.connection.getresponse()
        body = response.read()
        if response.status != http.HTTPStatus.OK:
            raise StackError(f"{target} answered {response.status}: {body[:500]!r}")
        return body


@contextmanager
def connected(url: str) -> Iterator[Client]:
    """A client of the server at `url`."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        yield Client(connection)
    finally:
        connection.close()


def ask(url: str) -> Any:  # noqa: ANN401  whatever JSON there is
    """The body of one 200, on a connection of its own."""
    parts = urlsplit(url)
    with connected(url) as client:
        return client.get(f"{parts.path}?{parts.query}")
