"""Waits for what a server shows of itself: locks, waiting backends, how far a standby has replayed."""

from collections.abc import Callable
from typing import Any

import psycopg

from stack.postgres import Cluster
from tests.polling.conftest import DATABASE
from tests.support.waiting import wait_until

_PATIENCE_SECONDS = 30


def until(done: Callable[[], Any]) -> None:
    """Returns once something is true of a server."""
    wait_until(done, seconds=_PATIENCE_SECONDS)


def exists(connection: psycopg.Connection[Any], query: str) -> bool:
    """Whether a query finds a row."""
    return connection.execute(query).fetchone() is not None


def waits_to_read(connection: psycopg.Connection[Any], table: str = "public.events") -> bool:
    """Whether somebody who only wants to read a table waits for its lock."""
    query = "select from pg_locks where relation = to_regclass(%s) and mode = 'AccessShareLock' and not granted"
    return connection.execute(query, [table]).fetchone() is not None


def flush_wal(connection: psycopg.Connection[Any]) -> None:
    """Commits something, so that the WAL up to here is flushed and sent."""
    connection.execute("create table if not exists public.flushed ()")
    connection.execute("drop table public.flushed")


def wait_for_replay(primary: Cluster, replica: Cluster) -> None:
    """Returns once the standby shows all that the primary has committed."""
    with (
        psycopg.connect(primary.dsn(DATABASE), autocommit=True) as writer,
        psycopg.connect(replica.dsn(DATABASE), autocommit=True) as reader,
    ):
        (position,) = writer.execute("select pg_current_wal_flush_lsn()").fetchone() or (None,)
        query = "select where pg_last_wal_replay_lsn() >= %s"
        until(lambda: reader.execute(query, [position]).fetchone() is not None)
