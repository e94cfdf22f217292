"""Events that logical replication writes: what a follower of the subscriber's cursor is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql

from addresses import conninfo
from stack.datadir import private_directory
from stack.postgres import Cluster, cluster
from tests.migrations.scripts import deploy
from tests.polling.conftest import DATABASE
from tests.polling.pollers import CursorPoller
from tests.polling.states import exists, until
from tests.polling.test_lossless import committed, written_while_polled
from tests.polling.writers import finish
from tests.support.rows import add_events, add_session, spread

EVENTS: dict[str, LiteralString] = {
    "with insert_xid": "public.events",
    "without insert_xid": "public.events (id, session_id, step_id, event_type, event_data, message, timestamp)",
}


@pytest.fixture(scope="module")
def publisher() -> Iterator[Cluster]:
    """A migrated cluster whose transaction ids are far behind the subscriber's, as any other cluster's are."""
    settings = {"wal_level": "logical", "fsync": "off"}
    with private_directory() as directory, cluster(directory / "postgres", settings=settings) as server:
        server.create_database(DATABASE)
        deploy(server.dsn(DATABASE))
        yield server


@contextmanager
def subscribed(publisher: Cluster, subscriber: Cluster, events: LiteralString) -> Iterator[None]:
    """The subscriber, emptied, takes over what the publisher has and then all that it writes."""
    source = conninfo.parameters(publisher.dsn(DATABASE))
    with (
        psycopg.connect(publisher.dsn(DATABASE), autocommit=True) as there,
        psycopg.connect(subscriber.dsn(DATABASE), autocommit=True) as here,
    ):
        here.execute("truncate public.sessions cascade")
        there.execute(
            sql.SQL("create publication told for table public.sessions, public.steps, {}").format(sql.SQL(events))
        )
        way = sql.Literal(" ".join(f"{name}={value}" for name, value in source.items()))
        here.execute(sql.SQL("create subscription told connection {} publication told").format(way))
        try:
            until(lambda: not exists(here, "select from pg_subscription_rel where srsubstate <> 'r'"))
            yield
        finally:
            here.execute("drop subscription told")
            there.execute("drop publication told")


def wait_for_apply(publisher: psycopg.Connection[Any]) -> None:
    """Returns once the subscriber has applied all that the publisher has committed."""
    (position,) = publisher.execute("select pg_current_wal_flush_lsn()").fetchone() or (None,)
    applied = f"select from pg_stat_replication where application_name = 'told' and replay_lsn >= '{position}'"
    until(lambda: exists(publisher, applied))


@pytest.mark.parametrize("columns", EVENTS)
def test_replicated_events_are_told(publisher: Cluster, crashing: Cluster, columns: str) -> None:
    """A follower of the subscriber's cursor should be told what was copied, inserted and changed."""
    with (
        psycopg.connect(publisher.dsn(DATABASE), autocommit=True) as there,
        psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as here,
    ):
        session_id = add_session(there)
        add_session(here, id=session_id)
        poller = CursorPoller(session_id)
        # Beyond all ids of the publisher, so that a row with one of those would pass for told long ago.
        for _ in range(1000):
            here.execute("select pg_current_xact_id()")
        poller.poll(here)
        copied, inserted = spread(3), spread(4, event_type="error")
        add_events(there, session_id, copied)
        with subscribed(publisher, crashing, EVENTS[columns]):
            poller.poll(here)
            assert set(poller.seen) == {str(event.id) for event in copied}
            add_events(there, session_id, inserted)
            wait_for_apply(there)
            poller.poll(here)
            assert set(poller.seen) == {str(event.id) for event in [*copied, *inserted]}
            there.execute("update public.events set message = 'changed' where id = %s", [copied[0].id])
            wait_for_apply(there)
            poller.poll(here)
            poller.poll(here)
            assert poller.seen[str(copied[0].id)] == 2, "the changed event was not told"
            assert sum(poller.seen.values()) == len([*copied, *inserted]) + 1


@pytest.mark.parametrize("columns", EVENTS)
def test_follower_of_a_subscriber_loses_nothing(publisher: Cluster, crashing: Cluster, columns: str) -> None:
    """Whatever writers do on the publisher, a follower of the subscriber's cursor should end with what is committed."""
    with (
        psycopg.connect(publisher.dsn(DATABASE), autocommit=True) as there,
        psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as here,
        subscribed(publisher, crashing, EVENTS[columns]),
    ):
        session_id = add_session(there)
        wait_for_apply(there)
        poller = CursorPoller(session_id)
        writers = written_while_polled(publisher.dsn(DATABASE), crashing.dsn(DATABASE), session_id, columns, [poller])
        finish(there, writers)
        wait_for_apply(there)
        poller.poll(here)
        assert set(poller.seen) == committed(there, session_id)
        assert len(poller.seen) > 50
