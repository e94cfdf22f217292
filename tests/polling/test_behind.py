"""A proxy over a standby that has not replayed yet what a poll's cursor has seen."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from uuid import UUID

import psycopg
import pytest
import requests

from addresses import conninfo
from stack.datadir import private_directory
from stack.postgres import Cluster
from stack.postgrest import authenticator_uri, postgrest
from stack.proxy import proxy
from tests.polling.states import until, wait_for_replay
from tests.polling.test_failover import paused
from tests.polling.test_lost_upstream import connected
from tests.polling.test_standby import cursor_of
from tests.support.client import Client, assert_problem
from tests.support.rows import add_events, add_session, spread

Connection = psycopg.Connection[Any]


@pytest.fixture
def api(crashing: Cluster, replica: Cluster) -> Iterator[Client]:
    """The API over the standby."""
    login = conninfo.parameters(authenticator_uri(crashing.dsn("polling")))
    uri = conninfo.uri({**login, "host": str(replica.socket_dir), "port": str(replica.port)})
    wait_for_replay(crashing, replica)
    with (
        private_directory() as directory,
        postgrest(uri, directory / "rest", env={"PGRST_DB_CHANNEL_ENABLED": "false"}) as rest,
        proxy(rest.url) as front,
        requests.Session() as session,
    ):
        yield Client(front.url, session)


def ahead(primary: Connection, session_id: UUID) -> str:
    """A cursor of the primary that has seen what the standby has not."""
    add_events(primary, session_id, spread(3))
    return cursor_of(primary, session_id)


def test_a_poll_waits_for_replay_and_no_longer(crashing: Cluster, replica: Cluster, api: Client) -> None:
    """A standby that stays behind should answer 503 behind; one that catches up meanwhile should answer the poll."""
    with closing(connected(crashing)) as primary, connected(replica) as secondary, ThreadPoolExecutor() as threads:
        session_id = add_session(primary)
        wait_for_replay(crashing, replica)
        with paused(secondary):
            cursor = ahead(primary, session_id)
            refused = api.get(session_id, cursor=cursor)
            assert assert_problem(refused, 503)["type"] == "/docs#problem-behind"
            assert refused.headers["Retry-After"]
            waiting = threads.submit(api.get, session_id, cursor=cursor)
            until(waiting.running)
        assert waiting.result().status_code == 200
        assert waiting.result().json()["items"] == []
