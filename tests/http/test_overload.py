"""More work than can be served, and answers that do not come in time."""

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
import requests

from stack.postgrest import authenticator_uri, postgrest
from stack.rundir import run_directory
from tests.support.client import Client, assert_problem
from tests.support.rows import add_session
from tests.support.waiting import wait_until

from .leaks import assert_nothing_leaks
from .parts import OwnStack, locked, own_proxy, waiting

# As many as PostgREST's pool has connections (postgrest.conf).
SERVED_AT_ONCE = 10


@pytest.fixture
def sessions(own_stack: OwnStack) -> dict[str, UUID]:
    """A running and an ended session."""
    with psycopg.connect(own_stack.parts.database_url) as connection:
        return {status: add_session(connection, status=status) for status in ("in_progress", "completed")}


def _get(client: Client, session_id: UUID) -> requests.Response:
    own = Client(client.url)
    with own.session:
        return own.get(session_id)


def test_shedding(own_stack: OwnStack, sessions: dict[str, UUID]) -> None:
    """What cannot be served in time should be a 503 with Retry-After; the rest be told to poll less often."""
    with (
        own_proxy(own_stack.parts.postgrest_url) as proxy,
        own_proxy(own_stack.parts.postgrest_url) as other,
        ThreadPoolExecutor(SERVED_AT_ONCE + 3) as pool,
    ):
        running = sessions["in_progress"]
        with locked(own_stack.parts.database_url) as connection:
            served = [pool.submit(_get, proxy.client, running) for _ in range(SERVED_AT_ONCE)]
            wait_until(lambda: waiting(connection) == SERVED_AT_ONCE, "every connection is busy")
            # One waits for a place in this proxy, the other in PostgREST, whose pool this proxy has taken up.
            refused = [pool.submit(_get, each.client, running) for each in (proxy, other)]
            for future in refused:
                assert_overloaded(future.result(timeout=60))
            assert not any(future.done() for future in served)
        answers = [future.result(timeout=60) for future in served]
        assert {answer.status_code for answer in answers} == {200}
        assert all(int(answer.headers["X-Poll-Interval"]) > 2 for answer in answers)
        assert int(_get(proxy.client, sessions["completed"]).headers["X-Poll-Interval"]) >= 30


def assert_overloaded(response: requests.Response) -> None:
    """The 503 of too much work: when to come again, and nothing else."""
    assert assert_problem(response, 503)["type"] == "/docs#problem-overloaded"
    assert int(response.headers["Retry-After"]) > 0
    assert_nothing_leaks(response)


def test_time_limit(own_stack: OwnStack, sessions: dict[str, UUID]) -> None:
    """An answer that does not come within REQUEST_TIMEOUT should be a 504, and polls succeed once the cause is gone."""
    with own_proxy(own_stack.parts.postgrest_url, {"REQUEST_TIMEOUT": "0.3"}) as proxy:
        with locked(own_stack.parts.database_url):
            assert_timeout(proxy.client.get(sessions["in_progress"]))
            health = proxy.client.session.get(f"{proxy.client.url}/health", timeout=60)
            assert assert_problem(health, 503)["type"] == "/docs#problem-unavailable"
        assert proxy.client.page(sessions["in_progress"])["items"] == []


@pytest.fixture
def impatient(own_stack: OwnStack, tmp_path: Path) -> Iterator[str]:
    """The URL of a PostgREST whose role's queries may take 200 ms."""
    with psycopg.connect(own_stack.parts.database_url, autocommit=True) as connection:
        connection.execute("alter role session_events_reader set statement_timeout = '200ms'")
        try:
            uri = authenticator_uri(own_stack.parts.database_url)
            with run_directory(tmp_path / "run") as directory, postgrest(uri, directory / "postgrest") as rest:
                yield rest.url
        finally:
            connection.execute("alter role session_events_reader set statement_timeout = '10s'")


def test_statement_timeout(own_stack: OwnStack, sessions: dict[str, UUID], impatient: str) -> None:
    """A query that PostgreSQL itself ends should be a 504 as well."""
    with own_proxy(impatient) as proxy:
        with locked(own_stack.parts.database_url):
            assert_timeout(proxy.client.get(sessions["in_progress"]))
        assert proxy.client.page(sessions["in_progress"])["items"] == []


def assert_timeout(response: requests.Response) -> None:
    """The one shape of a 504."""
    assert assert_problem(response, 504)["type"] == "/docs#problem-timeout"
    assert_nothing_leaks(response)


def test_clients_that_left(own_stack: OwnStack, sessions: dict[str, UUID]) -> None:
    """Clients that gave up should not keep places from those that wait, once their queries are done."""
    with own_proxy(own_stack.parts.postgrest_url) as proxy, ThreadPoolExecutor(1) as pool:
        url = proxy.client.events_url(sessions["in_progress"])
        with locked(own_stack.parts.database_url) as connection:
            for number in range(SERVED_AT_ONCE):
                with pytest.raises(requests.ReadTimeout):
                    requests.get(url, timeout=(60, 0.01))
                wait_until(lambda wanted=number + 1: waiting(connection) == wanted, "its query waits")  # type: ignore[misc]
            patient: Future[requests.Response] = pool.submit(_get, proxy.client, sessions["in_progress"])
            assert not wait([patient], timeout=0, return_when=FIRST_COMPLETED).done
        assert patient.result(timeout=60).status_code == 200
