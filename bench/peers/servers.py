"""Starts what is compared, each by itself, on free loopback ports."""

import http.client
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stack import binaries
from stack.binaries import REPOSITORY
from stack.postgres import free_port
from stack.postgrest import authenticator_uri, postgrest
from stack.process import plain_environment, running
from stack.proxy import proxy
from stack.rundir import run_directory

PYTHON, POSTGREST = "Python", "PostgREST"

READY = re.compile(r"^handwritten: listening on (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Server:
    """Where it listens, and its processes by what they are; PostgreSQL's are all servers' own."""

    url: str
    pids: dict[str, int]


@contextmanager
def product(dsn: str) -> Iterator[Server]:
    """Our stack on a migrated database."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        run_directory(Path(scratch) / "run") as sockets,
        postgrest(authenticator_uri(dsn), sockets / "postgrest") as rest,
        proxy(rest.url) as front,
    ):
        yield Server(front.url, {PYTHON: front.pid, POSTGREST: rest.pid})


@contextmanager
def postgrest_alone(dsn: str) -> Iterator[Server]:
    """PostgREST with our configuration on a TCP port, since load generators do not speak to unix sockets."""
    port = free_port()
    environment = {
        **plain_environment(),
        "PGRST_DB_URI": authenticator_uri(dsn),
        "PGRST_SERVER_PORT": str(port),
    }
    command = [binaries.postgrest(), REPOSITORY / "postgrest.conf"]
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "postgrest.log"
        with running(command, env=environment, log=log, ready=lambda: _has_schema(port)) as process:
            yield Server(f"http://127.0.0.1:{port}", {POSTGREST: process.pid})


@contextmanager
def handwritten(dsn: str) -> Iterator[Server]:
    """The hand-written endpoint on a database."""
    environment = {**plain_environment(), "DATABASE_URL": dsn}
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "handwritten.log"
        command = [sys.executable, "-m", "bench.peers.handwritten"]
        with running(
            command, env=environment, log=log, ready=lambda: READY.search(log.read_text()) is not None
        ) as process:
            found = READY.search(log.read_text())
            yield Server(found[1] if found else "", {PYTHON: process.pid})


def _url(log: Path) -> str | None:
    """The URL in the line that says that it listens."""
    found = READY.search(log.read_text())
    return found[1] if found else None


def _has_schema(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status != http.HTTPStatus.SERVICE_UNAVAILABLE
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
