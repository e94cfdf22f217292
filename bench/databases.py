"""The databases of a run: the parent's tables filled once, and copies of them at later steps of the migrations."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg

from bench import steps
from bench.scale import Scale
from stack.datadir import private_directory
from stack.postgres import Cluster, cluster

SQL = Path(__file__).parent / "sql"
PARENT = "parent"
ADOPTED = "adopted"
_OLD, _NOW = "2026-01-13T14:30:00Z", "2026-01-14T14:30:00Z"


@dataclass(frozen=True)
class Databases:
    """`server` has PARENT and, from it, ADOPTED; the sessions have as many events as the scale says."""

    server: Cluster
    small: UUID
    typical: UUID
    medium: UUID
    large: UUID
    live: UUID
    unread: UUID
    crowd: Sequence[UUID]

    @property
    def parent(self) -> str:
        """The DSN of the parent's tables, as they were before us."""
        return self.server.dsn(PARENT)

    @property
    def adopted(self) -> str:
        """The DSN of the same tables with our migrations."""
        return self.server.dsn(ADOPTED)


@contextmanager
def databases(scale: Scale) -> Iterator[Databases]:
    """A private server with both databases, ADOPTED not migrated yet; gone afterwards."""
    small, medium, large, live, unread = (UUID(int=number) for number in range(1, 6))
    typical = [UUID(int=100 + number) for number in range(1 + scale.others)]
    crowd = [UUID(int=1000 + number) for number in range(scale.crowd)]
    with private_directory() as directory, cluster(directory / "postgres") as server:
        server.create_database(PARENT)
        parent = server.dsn(PARENT)
        steps.deploy(parent, steps.PARENT)
        fill(parent, [large], scale.large, _OLD)
        fill(parent, [medium], scale.medium, _OLD)
        fill(parent, [small, live], scale.small)
        fill(parent, [unread], 0)
        fill(parent, crowd, scale.crowded)
        fill(parent, typical, scale.typical)
        vacuum(parent)
        server.create_database(ADOPTED, template=PARENT)
        yield Databases(server, small, typical[0], medium, large, live, unread, crowd)


def fill(dsn: str, ids: Sequence[UUID], events: int, ended: str = _NOW) -> None:
    """Gives each of these sessions so many events more; makes those that are not there."""
    with psycopg.connect(dsn) as connection, psycopg.ClientCursor(connection) as cursor:
        connection.execute("set synchronous_commit = off")
        cursor.execute(SQL.joinpath("fill.sql").read_text(), {"ids": list(ids), "events": events, "ended": ended})


def vacuum(dsn: str) -> None:
    """Fresh statistics and visibility map, as autovacuum leaves them; and no checkpoint soon."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("vacuum (analyze) public.events")
        connection.execute("vacuum (analyze) public.sessions")
        connection.execute("checkpoint")
