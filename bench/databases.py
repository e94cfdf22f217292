"""The databases of a run: the parent's tables filled once, and copies of them at later steps of the migrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from bench import steps
from bench.scale import Scale
from stack.datadir import private_directory
from stack.postgres import Cluster, cluster

SQL = Path(__file__).parent / "sql"
PARENT = "parent"
_ADOPTED = "adopted"


@dataclass(frozen=True)
class Databases:
    """`server` has PARENT and, from it, _ADOPTED; the sessions have as many events as the scale says."""

    server: Cluster
    small: UUID
    typical: UUID
    large: UUID
    live: UUID

    @property
    def parent(self) -> str:
        """The DSN of the parent's tables, as they were before us."""
        return self.server.dsn(PARENT)

    @property
    def adopted(self) -> str:
        """The DSN of the same tables with our migrations."""
        return self.server.dsn(_ADOPTED)


@contextmanager
def databases(scale: Scale) -> Iterator[Databases]:
    """A private server with both databases, _ADOPTED not migrated yet; gone afterwards."""
    small, large, live = UUID(int=1), UUID(int=2), UUID(int=3)
    typical = [UUID(int=100 + number) for number in range(1 + scale.others)]
    with private_directory() as directory, cluster(directory / "postgres") as server:
        server.create_database(PARENT)
        steps.deploy(server.dsn(PARENT), steps.PARENT)
        sessions = {"large_ids": [large], "small_ids": [small, live], "typical_ids": typical}
        fill(server.dsn(PARENT), {**sessions, "large": scale.large, "small": scale.small, "typical": scale.typical})
        server.create_database(_ADOPTED, template=PARENT)
        yield Databases(server, small, typical[0], large, live)


def fill(dsn: str, arguments: dict[str, Any]) -> None:
    """Runs fill.sql with these sizes and ids, and vacuums."""
    with psycopg.connect(dsn) as connection:
        connection.execute("set synchronous_commit = off")
        with psycopg.ClientCursor(connection) as cursor:
            cursor.execute(SQL.joinpath("fill.sql").read_text(), arguments)
    vacuum(dsn)


def vacuum(dsn: str) -> None:
    """Fresh statistics and visibility map, as autovacuum leaves them; and no checkpoint soon."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("vacuum (analyze) public.events")
        connection.execute("vacuum (analyze) public.sessions")
        connection.execute("checkpoint")
