"""Starts what is compared, each by itself, on free loopback ports."""

import http.client
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.peers import environment
from stack import binaries
from stack.binaries import REPOSITORY
from stack.postgres import free_port
from stack.postgrest import authenticator_uri, postgrest
from stack.process import plain_environment, running
from stack.proxy import proxy
from stack.rundir import run_directory

PYTHON, POSTGREST = "Python", "PostgREST"

_READY = re.compile(r"^\w+: listening on (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Server:
    """Where it listens, and its processes by what they are; PostgreSQL's are all servers' own."""

    url: str
    pids: Mapping[str, int]


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
    settings = {
        **plain_environment(),
        "PGRST_DB_URI": authenticator_uri(dsn),
        "PGRST_SERVER_PORT": str(port),
    }
    command = [binaries.postgrest(), REPOSITORY / "postgrest.conf"]
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "postgrest.log"
        with running(command, env=settings, log=log, ready=lambda: _has_schema(port)) as process:
            yield Server(f"http://127.0.0.1:{port}", {POSTGREST: process.pid})


@contextmanager
def _peer(name: str, *, dsn: str = "", python: str | Path = sys.executable) -> Iterator[Server]:
    """One of this directory's endpoints, on a database."""
    settings = {**plain_environment(), "DATABASE_URL": dsn}
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / f"{name}.log"
        command = [python, "-m", f"bench.peers.{name}"]
        with running(command, env=settings, log=log, ready=lambda: _url(log) is not None) as process:
            yield Server(_url(log) or "", {PYTHON: process.pid})


def handwritten(dsn: str) -> AbstractContextManager[Server]:
    """The hand-written endpoint."""
    return _peer("handwritten", dsn=dsn)


def lean(dsn: str) -> AbstractContextManager[Server]:
    """The lean endpoint, with its own packages."""
    return _peer("lean", dsn=dsn, python=environment.python())


def constant() -> AbstractContextManager[Server]:
    """Bare aiohttp."""
    return _peer("constant")


def _url(log: Path) -> str | None:
    """The URL in the line that says that it listens."""
    found = _READY.search(log.read_text())
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
