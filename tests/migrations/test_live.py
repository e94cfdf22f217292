"""Deploys and reverts on a database that others are using."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Event as Flag
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import pytest

from stack import migrations
from tests.migrations.scripts import psql, run, script
from tests.support.rows import Event, add_events, add_session, add_step
from tests.support.waiting import wait_until

PATIENCE = 30.0
LONGEST_WAIT = 5.0
BOUNDED = f"-c statement_timeout={LONGEST_WAIT:.0f}s"  # who waits longer fails
SESSION = UUID("00000000-0000-4000-8000-000000000001")


def until(dsn: str, condition: LiteralString, work: Future[None]) -> None:
    """Asks the database until a condition holds; fails when the work ends before that."""
    with psycopg.connect(dsn, autocommit=True) as connection:

        def holds() -> bool:
            found = connection.execute(condition).fetchone() is not None
            assert found or not work.done(), work.exception()
            return found

        wait_until(holds, condition)


@contextmanager
def beside(action: Callable[..., None], *arguments: object) -> Iterator[Future[None]]:
    """Something that goes on while the test does; its failure is the test's, its end is awaited."""
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(action, *arguments)
        yield work
        work.result(PATIENCE)


def write(dsn: str, stop: Flag, waits: list[float]) -> None:
    """Inserts as the application does, one commit after the other, and notes how long each took, in seconds."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        while not stop.is_set():
            began = time.monotonic()
            add_events(connection, SESSION, [Event()])
            waits.append(time.monotonic() - began)


def test_deploy_under_a_writer(parent: str) -> None:
    """A live writer should not fail nor wait long while its tables are adopted and given back."""
    stop, waits = Flag(), list[float]()
    with beside(write, parent, stop, waits):
        try:
            migrations.deploy(parent)
            during = len(waits)
            migrations.revert(parent)
        finally:
            stop.set()
    assert during > 10
    assert len(waits) > during
    assert max(waits) < LONGEST_WAIT
    with psycopg.connect(parent) as connection:
        count = connection.execute("select count(*) from events where message = 'something happened'").fetchone()
    assert count == (len(waits),)


def test_deploy_waits_for_a_transaction(parent: str) -> None:
    """A deploy should wait for a transaction that holds the table, without holding others up, and then succeed."""
    with psycopg.connect(parent) as holder, psycopg.connect(parent, autocommit=True, options=BOUNDED) as other:
        add_events(holder, SESSION, [Event()])
        with beside(migrations.deploy, parent) as work, closing(holder):
            for _ in range(2):  # once more, so that a second attempt was refused too
                until(parent, "select from pg_locks where relation = 'events'::regclass and not granted", work)
                add_events(other, SESSION, [Event()])
                until(parent, "select where not exists (select from pg_locks where not granted)", work)
            assert not work.done()
            holder.commit()
    migrations.verify(parent)


def test_index_build_waits_for_a_transaction(deployed: str) -> None:
    """Building an index should wait for a writer in flight and hold nobody up meanwhile."""
    run(deployed, script("revert", "events_by_time"))
    with psycopg.connect(deployed, autocommit=True, options=BOUNDED) as other:
        session_id = add_session(other)
        with psycopg.connect(deployed) as holder:
            add_events(holder, session_id, [Event()])
            with beside(run, deployed, script("deploy", "events_by_time")) as work, closing(holder):
                until(deployed, "select from pg_stat_progress_create_index where phase like 'waiting%'", work)
                add_events(other, session_id, [Event()])
                assert not work.done()
                holder.commit()
    run(deployed, script("verify", "events_by_time"))


@pytest.mark.parametrize("index", ["events_by_time", "events_by_type", "events_by_xid"])
def test_invalid_index_replaced(index: str, deployed: str) -> None:
    """An index that a failed build left invalid should be built anew by running the deploy script again."""
    run(deployed, script("revert", index))
    with psycopg.connect(deployed) as holder:
        add_session(holder)
        holder.execute("lock table events in row exclusive mode")
        limited = ("--command", "set lock_timeout = '50ms'", "--file", str(script("deploy", index)))
        failed = psql(deployed, *limited)
    assert "lock timeout" in failed.stdout, failed.stdout
    assert valid(deployed, index) == (False,)
    run(deployed, script("deploy", index))
    assert valid(deployed, index) == (True,)
    run(deployed, script("verify", index))


def valid(dsn: str, index: str) -> tuple[Any, ...] | None:
    """Whether an index is valid; None where there is none."""
    with psycopg.connect(dsn) as connection:
        return connection.execute(
            "select indisvalid from pg_index where indexrelid = to_regclass(%s)", [f"public.{index}"]
        ).fetchone()


@pytest.mark.parametrize("table", ["sessions", "steps", "events"])
def test_revert_beside_a_writer(table: str, deployed: str) -> None:
    """A revert that waits for a writer of the first row should see that row, and leave the table."""
    order = ["events", "steps", "sessions"]
    run(deployed, *(script("revert", later) for later in order[: order.index(table)]))
    with psycopg.connect(deployed, autocommit=True) as owner, psycopg.connect(deployed) as holder:
        session_id = add_session(holder if table == "sessions" else owner)
        if table == "steps":
            add_step(holder, session_id)
        if table == "events":
            add_events(holder, session_id, [Event()])
        with beside(run, deployed, script("revert", table)) as work, closing(holder):
            until(deployed, "select from pg_locks where not granted", work)
            holder.commit()
    with psycopg.connect(deployed) as connection:
        assert connection.execute("select to_regclass(%s) is not null", [f"public.{table}"]).fetchone() == (True,)
