"""Parts of a test's own, so that what it does to them disturbs no other test."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg

from stack.binaries import REPOSITORY
from stack.process import Running, recorded
from stack.proxy import proxy
from stack.whole import Stack
from tests.support.client import Client

SESSION_JSON = REPOSITORY / "db" / "functions" / "session_json.sql"


@dataclass(frozen=True)
class OwnStack:
    """A whole stack that may be broken, and its directory with logs and pids."""

    parts: Stack
    directory: Path

    @property
    def postgrest(self) -> psutil.Process:
        """The process of PostgREST."""
        process = recorded(self.directory / "postgrest.pid")
        assert process is not None
        return process


@dataclass(frozen=True)
class OwnProxy:
    """A proxy of a test's own."""

    client: Client
    process: Running


@contextmanager
def own_proxy(postgrest_url: str, env: Mapping[str, str] = {}) -> Iterator[OwnProxy]:
    """A proxy with settings of its own in front of a PostgREST."""
    with proxy(postgrest_url, env=env) as process:
        client = Client(process.url)
        with client.session:
            yield OwnProxy(client, process)


@contextmanager
def locked(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    """Every poll of a session that there is has to wait inside the context; the connection may do more.

    The health check does not. For that a function of an own stack is replaced for good, since calls that go on after
    the context are still in it.
    """
    with psycopg.connect(database_url) as connection:
        language = "select l.lanname from pg_proc as p join pg_language as l on l.oid = p.prolang where p.proname = %s"
        if connection.execute(language, ["session_json"]).fetchone() == ("sql",):
            connection.execute(_waiting(SESSION_JSON.read_text()))
            connection.commit()
        connection.execute("select pg_advisory_xact_lock(1)")
        yield connection


def _waiting(function: str) -> bytes:
    """The function that is asked about each session, waiting for a lock before it answers."""
    made, _, _ = function.partition("\ncomment on")
    head, _, body = made.rstrip().partition("\nreturn ")
    head = head.replace("language sql", "language plpgsql").replace("\nstable", "\nvolatile")
    wait = "perform pg_advisory_xact_lock_shared(1) where p_status is not null;"
    return f"{head} as $$ begin {wait} return {body} end; $$".encode()


@contextmanager
def replaced(connection: psycopg.Connection[Any], function: str, pattern: str, repl: str) -> Iterator[None]:
    """A function of the database is another inside the context: its definition with `pattern` replaced."""
    row = connection.execute("select pg_get_functiondef(%s::regproc)", [function]).fetchone()
    assert row
    whole = str(row[0])
    other = re.sub(pattern, repl, whole, flags=re.DOTALL)
    assert other != whole
    connection.execute(other.encode())
    try:
        yield
    finally:
        connection.execute(whole.encode())


@contextmanager
def closed(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    """Nobody can read sessions inside the context, so that nothing is answered; the connection may do more."""
    with psycopg.connect(database_url) as connection:
        connection.execute("lock table public.sessions in access exclusive mode")
        yield connection


def waiting(connection: psycopg.Connection[Any]) -> int:
    """How many queries of this database wait for a lock."""
    row = connection.execute(
        "select count(*) from pg_locks as l join pg_database as d on d.oid = l.database"
        " where d.datname = current_database() and not l.granted"
    ).fetchone()
    assert row is not None
    count: int = row[0]
    return count
