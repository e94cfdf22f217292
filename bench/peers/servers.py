"""Starts what is compared, each by itself, on free loopback ports."""

import http.client
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stack import binaries
from stack.binaries import REPOSITORY
from stack.postgres import free_port
from stack.postgrest import authenticator_uri, postgrest
from stack.process import plain_environment, running
from stack.proxy import proxy
from stack.rundir import run_directory

READY = re.compile(r"^handwritten: listening on (\S+)$", re.MULTILINE)


@contextmanager
def product(dsn: str) -> Iterator[str]:
    """Our stack on a migrated database; the proxy's URL."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        run_directory(Path(scratch) / "run") as sockets,
        postgrest(authenticator_uri(dsn), sockets / "postgrest") as rest,
        proxy(rest.url) as front,
    ):
        yield front.url


@contextmanager
def postgrest_alone(dsn: str) -> Iterator[str]:
    """PostgREST with our configuration on a TCP port, since load generators do not speak to unix sockets; its URL."""
    port = free_port()
    environment = {
        **plain_environment(),
        "PGRST_DB_URI": authenticator_uri(dsn),
        "PGRST_SERVER_PORT": str(port),
    }
    command = [binaries.postgrest(), REPOSITORY / "postgrest.conf"]
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "postgrest.log"
        with running(command, env=environment, log=log, ready=lambda: _has_schema(port)):
            yield f"http://127.0.0.1:{port}"


@contextmanager
def handwritten(dsn: str) -> Iterator[str]:
    """The hand-written endpoint on a database; its URL."""
    environment = {**plain_environment(), "DATABASE_URL": dsn}
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "handwritten.log"
        command = [sys.executable, "-m", "bench.peers.handwritten"]
        with running(command, env=environment, log=log, ready=lambda: READY.search(log.read_text()) is not None):
            found = READY.search(log.read_text())
            yield found[1] if found else ""


def _has_schema(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status != http.HTTPStatus.SERVICE_UNAVAILABLE
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
