"""What faults happen to: a database, with the stack in front of it as `make up` runs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg

from stack import binaries
from stack.postgres import Cluster
from stack.process import recorded
from tests.stack.conftest import Commands
from tests.support.waiting import wait_until

OWNER = "testboost"


@dataclass(frozen=True)
class Site:
    """A database that only the test stops and starts, and a stack over it that starts again what dies."""

    server: Cluster
    commands: Commands
    postgrest_program: Path

    @property
    def database_url(self) -> str:
        """The way of the tables' owner."""
        return self.server.dsn(OWNER, tcp=True)

    @property
    def proxy_url(self) -> str:
        """Where clients ask."""
        return self.commands.environment()["PROXY_URL"]

    def process(self, part: str) -> psutil.Process:
        """PostgREST or the proxy, as soon as it runs."""
        found: list[psutil.Process] = []

        def runs() -> bool:
            process = recorded(self.commands.directory / f"{part}.pid")
            found[:] = [process] if process else []
            return bool(found)

        wait_until(runs, f"{part} runs")
        return found[0]

    def replaced(self, part: str, process: psutil.Process) -> None:
        """Returns once another one runs."""
        wait_until(lambda: self.process(part) != process, f"another {part} runs")

    def process_ended(self, part: str) -> None:
        """Returns once it does not run."""
        wait_until(lambda: recorded(self.commands.directory / f"{part}.pid") is None, f"{part} has ended")

    def log(self, part: str) -> str:
        """What a part has said."""
        return (self.commands.directory / f"{part}.log").read_text()

    def connect(self) -> "psycopg.Connection[Any]":
        """A connection of the tables' owner, each of whose statements is committed."""
        return psycopg.connect(self.database_url, autocommit=True)

    def connects(self) -> bool:
        """Whether the database takes connections."""
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def install_postgrest(self, before: str = "") -> None:
        """A PostgREST that does something else first, for the next start."""
        script = self.postgrest_program.with_suffix(".script")
        script.write_text(f'#!/bin/sh\n{before}\nexec {binaries.postgrest()} "$@"\n')
        script.chmod(0o755)
        script.replace(self.postgrest_program)

    @contextmanager
    def postgrest_that(self, before: str) -> Iterator[None]:
        """The same for the time of the context."""
        self.install_postgrest(before)
        try:
            yield
        finally:
            self.install_postgrest()


@contextmanager
def site(server: Cluster, commands: Commands) -> Iterator[Site]:
    """A site over a running server that has the database."""
    place = Site(server, commands, commands.directory / "postgrest-of-the-test")
    place.install_postgrest()
    commands.up({"DATABASE_URL": place.database_url, "POSTGREST_BIN": str(place.postgrest_program)})
    yield place
    commands("down")
