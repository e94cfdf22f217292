"""What docs/dba.md speaks of, brought about: one function for each `<!-- given: name -->`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.support.rows import add_events, add_session, spread
from tests.support.waiting import wait_until

PARENT = "product"
PARENT_SCRIPT = Path(__file__).parents[1] / "migrations" / "parent.sql"


class Situations:
    """`connect` opens a connection to the database of that name; PostgREST's log is in `postgrest_log`."""

    def __init__(self, connect: Callable[[str], psycopg.Connection[Any]], postgrest_log: Path) -> None:
        self._connect = connect
        self._postgrest_log = postgrest_log
        self._reloads = 0
        self._forgotten: psycopg.Connection[Any] | None = None

    def close(self) -> None:
        """Closes what was left open on purpose."""
        if self._forgotten is not None:
            self._forgotten.close()

    def a_session(self) -> None:
        """A session with a few hundred events of two types."""
        with self._connect("testboost") as connection:
            session_id = add_session(connection)
            add_events(connection, session_id, [*spread(300), *spread(20, event_type="error")])
        self._reloads = self._count_reloads()

    def postgrest_has_reloaded(self) -> None:
        """PostgREST has taken the new settings of its roles."""
        wait_until(lambda: self._count_reloads() != self._reloads, "PostgREST reloads its configuration")

    def _count_reloads(self) -> int:
        return self._postgrest_log.read_text().count("Config reloaded")

    def forgotten_transactions(self) -> None:
        """A writer that idles in its transaction, and one that was prepared and never ended."""
        with self._connect("testboost") as connection:
            add_session(connection)
            connection.execute("prepare transaction 'left behind'")
        self._forgotten = self._connect("testboost")
        self._forgotten.execute("set application_name = 'forgotten'")
        add_session(self._forgotten)

    def an_interrupted_build(self) -> None:
        """What a CREATE INDEX CONCURRENTLY leaves that was cancelled: an index that nobody may use."""
        with self._connect("testboost") as connection:
            connection.execute("create index events_by_step on public.events (step_id)")
            connection.execute("update pg_index set indisvalid = false where indexrelid = 'events_by_step'::regclass")

    def a_live_product(self) -> None:
        """A database as the parent product's own migrations leave it, with rows."""
        create_parent(self._connect, PARENT)

    def ids_of_another_cluster(self) -> None:
        """Restored rows whose transaction ids this cluster has not reached yet."""
        with self._connect("restored") as connection:
            connection.execute("alter table public.events disable trigger stamp_writer")
            connection.execute("update public.events set insert_xid = '4000000000'")
            connection.execute("alter table public.events enable always trigger stamp_writer")


def create_parent(connect: Callable[[str], psycopg.Connection[Any]], name: str) -> None:
    """Makes a database as the parent product's own migrations leave it, with rows."""
    with autocommit(connect("postgres")) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    with connect(name) as connection:
        connection.execute(PARENT_SCRIPT.read_bytes())


@contextmanager
def autocommit(connection: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    """The connection, each statement committed at once; closed at the end."""
    connection.autocommit = True
    with connection:
        yield connection
