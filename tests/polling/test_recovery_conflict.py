"""Polls on a standby that replay cancels (SQLSTATE 40001): what a client sees, and what to set."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import psycopg
import pytest
import requests

from addresses import conninfo
from stack.datadir import private_directory
from stack.postgres import Cluster, standby
from stack.postgrest import authenticator_uri, postgrest
from stack.proxy import proxy
from tests.polling.conftest import DATABASE
from tests.polling.states import exists, until, wait_for_replay
from tests.support.client import Client, assert_problem
from tests.support.rows import add_session

# Its count takes many times as long as the vacuum below.
EVENTS = 200_000


@pytest.fixture(scope="module")
def session_id(crashing: Cluster) -> UUID:
    """A session that takes long to count."""
    with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as connection:
        session_id = add_session(connection)
        connection.execute(
            "insert into public.events (id, session_id, event_type, event_data, timestamp)"
            " select gen_random_uuid(), %s, 'info', '{}', now() from generate_series(1, %s)",
            [session_id, EVENTS],
        )
        connection.execute("create table public.removed as select 1 as n")
    return session_id


@dataclass
class Replica:
    """The API over a standby."""

    server: Cluster
    client: Client

    def conflicts(self) -> int:
        """How many statements replay has cancelled so far."""
        with psycopg.connect(self.server.dsn("postgres")) as connection:
            row = connection.execute("select sum(confl_snapshot) from pg_stat_database_conflicts").fetchone()
            assert row is not None
            return int(row[0])


@contextmanager
def replica(primary: Cluster, feedback: str, delay: str) -> Iterator[Replica]:
    """PostgREST and the proxy over a standby of those two settings."""
    with private_directory() as directory, standby(primary, directory / "postgres") as server:
        with psycopg.connect(server.dsn(DATABASE), autocommit=True) as connection:
            connection.execute(f"alter system set hot_standby_feedback = {feedback}")
            connection.execute(f"alter system set max_standby_streaming_delay = '{delay}'")
            connection.execute("select pg_reload_conf()")
        login = conninfo.parameters(authenticator_uri(primary.dsn(DATABASE)))
        uri = conninfo.uri({**login, "host": str(server.socket_dir), "port": str(server.port)})
        wait_for_replay(primary, server)
        with psycopg.connect(primary.dsn(DATABASE), autocommit=True) as connection:
            known = "select from pg_stat_replication where (backend_xmin is not null) = {}"
            until(lambda: exists(connection, known.format(feedback == "on")))
        with (
            postgrest(uri, directory / "rest", env={"PGRST_DB_CHANNEL_ENABLED": "false"}) as rest,
            proxy(rest.url, env={"REQUEST_TIMEOUT": "3"}) as front,
            requests.Session() as session,
        ):
            yield Replica(server, Client(front.url, session))


@contextmanager
def vacuuming(primary: Cluster, replica: Replica) -> Iterator[None]:
    """Whenever a poll runs on the standby, removes on the primary the dead rows that nobody it knows of needs."""
    stop = threading.Event()
    polling = (
        "select from pg_stat_activity where usename = 'session_events_authenticator'"
        " and state = 'active' and clock_timestamp() - query_start > interval '10 ms'"
    )

    def remove() -> None:
        with (
            psycopg.connect(primary.dsn(DATABASE), autocommit=True) as connection,
            psycopg.connect(replica.server.dsn("postgres"), autocommit=True) as watcher,
        ):
            while not stop.is_set():
                if exists(watcher, polling):
                    connection.execute("update public.removed set n = n + 1")
                    connection.execute("vacuum public.removed")

    thread = threading.Thread(target=remove)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_cancelled_polls_are_an_outage(crashing: Cluster, session_id: UUID) -> None:
    """Where replay cancels polls, the client should be told to come again, and be answered once replay cancels none."""
    with replica(crashing, feedback="off", delay="0") as standby_api:
        with vacuuming(crashing, standby_api):
            # PostgREST tries a cancelled call again by itself, until it is cut off (503) or the time is up (504).
            response = standby_api.client.get(session_id)
            assert_problem(response, 503 if response.status_code == 503 else 504)
            assert standby_api.conflicts() > 0
        until(lambda: standby_api.client.get(session_id).status_code == 200)
        assert standby_api.client.page(session_id)["pagination"]["total"] == EVENTS


@pytest.mark.parametrize(("feedback", "delay"), [("on", "0"), ("off", "10s")])
def test_settings_that_spare_polls(crashing: Cluster, session_id: UUID, feedback: str, delay: str) -> None:
    """Either setting should keep replay from cancelling polls, under the same load."""
    with replica(crashing, feedback, delay) as standby_api, vacuuming(crashing, standby_api):
        for _ in range(5):
            assert standby_api.client.page(session_id)["pagination"]["total"] == EVENTS
        assert standby_api.conflicts() == 0
