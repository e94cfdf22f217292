"""More work than can be served, and answers that do not come in time."""

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import requests

from proxy.settings import Settings
from stack.postgrest import authenticator_uri, postgrest
from stack.rundir import run_directory
from tests.support.client import Client, assert_problem
from tests.support.rows import START, Event, add_events, add_session
from tests.support.waiting import wait_until

from .leaks import assert_nothing_leaks
from .parts import OwnStack, closed, locked, own_proxy, replaced, waiting

# Of PostgREST's pool one connection is for the health check, and one for the calls that are shared.
SERVED_AT_ONCE = Settings.db_pool - 2


@pytest.fixture
def sessions(own_stack: OwnStack) -> dict[str, UUID]:
    """A running and an ended session."""
    with psycopg.connect(own_stack.parts.database_url) as connection:
        return {status: add_session(connection, status=status) for status in ("in_progress", "completed")}


def _get(client: Client, session_id: UUID, **parameters: Any) -> requests.Response:
    own = Client(client.url)
    with own.session:
        return own.get(session_id, **parameters)


def _alone(number: int) -> dict[str, int]:
    """A question that is asked in a call of its own, as nobody else asks it."""
    return {"limit": number + 1}


def test_shedding(own_stack: OwnStack, sessions: dict[str, UUID]) -> None:
    """What cannot be served in time should be a 503 with Retry-After; the rest be told to poll less often."""
    with (
        own_proxy(own_stack.parts.postgrest_url) as proxy,
        own_proxy(own_stack.parts.postgrest_url) as other,
        ThreadPoolExecutor(Settings.db_pool + 2) as pool,
    ):
        running = sessions["in_progress"]
        with locked(own_stack.parts.database_url) as connection:
            clients = [proxy.client] * SERVED_AT_ONCE + [other.client] * (Settings.db_pool - SERVED_AT_ONCE)
            served = [pool.submit(_get, each, running, **_alone(number)) for number, each in enumerate(clients)]
            wait_until(lambda: waiting(connection) == Settings.db_pool, "every connection is busy")
            # One waits for a place in its proxy, the other in PostgREST, whose pool the two have taken up.
            refused = [pool.submit(_get, each, running, **_alone(100)) for each in (proxy.client, other.client)]
            for future in refused:
                assert_overloaded(future.result(timeout=60))
        answers = [future.result(timeout=60) for future in served]
        # A busy machine may take so long for this that they are given up.
        assert {answer.status_code for answer in answers} <= {200, 504}
        answers = [answer for answer in answers if answer.status_code == 200]
        assert all(int(answer.headers["X-Poll-Interval"]) > 2 for answer in answers)
        assert int(_get(proxy.client, sessions["completed"]).headers["X-Poll-Interval"]) >= 30


def test_shedding_of_those_who_follow(own_stack: OwnStack, sessions: dict[str, UUID]) -> None:
    """Polls that wait too long for a shared call should be refused, while those whose call began get their answer."""
    env = {"POLLS_PER_CALL": "1"}
    with own_proxy(own_stack.parts.postgrest_url, env) as proxy, ThreadPoolExecutor(SERVED_AT_ONCE) as pool:
        running = sessions["in_progress"]
        cursor = proxy.client.page(running)["cursor"]
        with locked(own_stack.parts.database_url) as connection:
            served = [pool.submit(_get, proxy.client, running, cursor=cursor)]
            wait_until(lambda: waiting(connection) == 1)
            # One of them gets the next call once the first has been given up.
            others = [pool.submit(_get, proxy.client, running, cursor=cursor, limit=limit) for limit in (1, 2, 3)]
            first, second = islice(as_completed(others, timeout=60), 2)
            for refused in (first, second):
                assert_overloaded(refused.result())
                others.remove(refused)
        for answer in [each.result(timeout=60) for each in [*served, *others]]:
            assert (answer.status_code, answer.json()["items"]) == (200, [])
            assert int(answer.headers["X-Poll-Interval"]) > 2


def test_health_of_a_busy_server(own_stack: OwnStack, sessions: dict[str, UUID]) -> None:
    """However many polls are waiting, the health check should get through to the database at once."""
    polls = 2 * SERVED_AT_ONCE
    with own_proxy(own_stack.parts.postgrest_url) as proxy, ThreadPoolExecutor(polls + 2) as pool:
        running = sessions["in_progress"]
        cursor = proxy.client.page(running)["cursor"]
        with closed(own_stack.parts.database_url) as connection:
            asked = [pool.submit(_get, proxy.client, running, **_alone(number)) for number in range(polls)]
            asked.append(pool.submit(_get, proxy.client, running, cursor=cursor))
            wait_until(lambda: waiting(connection) == SERVED_AT_ONCE + 1)
            health = pool.submit(requests.get, f"{proxy.client.url}/health", timeout=60)
            wait_until(lambda: waiting(connection) == Settings.db_pool)
        assert health.result(timeout=60).status_code == 200
        assert {poll.result(timeout=60).status_code for poll in asked} == {200}


@pytest.mark.parametrize("shared", [False, True], ids=["alone", "shared"])
def test_health_beside_what_was_given_up(own_stack: OwnStack, sessions: dict[str, UUID], shared: bool) -> None:
    """Polls that were given up should keep their places until their queries end, and the health check its own."""
    running = sessions["in_progress"]
    with own_proxy(own_stack.parts.postgrest_url) as proxy, ThreadPoolExecutor(2 * Settings.db_pool) as pool:
        cursor = proxy.client.page(running)["cursor"]
        with locked(own_stack.parts.database_url) as connection:

            def ask(number: int) -> Future[requests.Response]:
                parameters: dict[str, Any] = {"cursor": cursor} if shared else {}
                return pool.submit(_get, proxy.client, running, **parameters, **_alone(number))

            given_up = [ask(number) for number in range(Settings.db_pool)]
            assert {504} <= {future.result(timeout=60).status_code for future in given_up} <= {503, 504}
            refused = [ask(Settings.db_pool + number) for number in range(Settings.db_pool)]
            for status in {future.result(timeout=60).status_code for future in refused}:
                assert status in {503, 504}
            assert waiting(connection) <= SERVED_AT_ONCE + 1
            assert proxy.client.session.get(f"{proxy.client.url}/health", timeout=60).status_code == 200


def assert_overloaded(response: requests.Response) -> None:
    """The 503 of too much work: when to come again, and nothing else."""
    assert assert_problem(response, 503)["type"] == "/docs#problem-overloaded"
    assert int(response.headers["Retry-After"]) > 0
    assert_nothing_leaks(response)


def test_time_limit(own_stack: OwnStack, sessions: dict[str, UUID]) -> None:
    """An answer that does not come within REQUEST_TIMEOUT should be a 504, and polls succeed once the cause is gone."""
    with own_proxy(own_stack.parts.postgrest_url, {"REQUEST_TIMEOUT": "0.3"}) as proxy:
        with closed(own_stack.parts.database_url):
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


@pytest.fixture
def slow(own_stack: OwnStack) -> Iterator[UUID]:
    """A session with an event that PostgreSQL takes longer for than any but a large page is waited for."""
    slowly = r"RETURN (SELECT \1 FROM pg_sleep(CASE (p_event).event_type WHEN 'slow' THEN 6 ELSE 0 END))"
    with (
        psycopg.connect(own_stack.parts.database_url, autocommit=True) as connection,
        replaced(connection, "events_internal.event_json", r"RETURN (.*)", slowly),
    ):
        session_id = add_session(connection)
        add_events(connection, session_id, [Event(event_type="slow")])
        yield session_id


@pytest.mark.parametrize("parameters", [{}, {"since": "2026-01-01T00:00:00Z"}], ids=["alone", "shared"])
def test_slow_poll(own_stack: OwnStack, sessions: dict[str, UUID], slow: UUID, parameters: dict[str, str]) -> None:
    """A poll that is slow by itself should be a 504 within five seconds, and delay no other by more than two."""
    with own_proxy(own_stack.parts.postgrest_url) as proxy, ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(_get, proxy.client, each, **parameters) for each in (slow, *sessions.values())]
        late, *others = [future.result(timeout=60) for future in asked]
        assert_timeout(late)
        assert late.elapsed.total_seconds() < 5
        assert {answer.status_code for answer in others} == {200}
        assert max(answer.elapsed.total_seconds() for answer in others) < 4


def test_slow_large_page(own_stack: OwnStack, slow: UUID) -> None:
    """A page of more than a mebibyte should be waited for: it may take as long as REQUEST_TIMEOUT says."""
    with psycopg.connect(own_stack.parts.database_url) as connection:
        large = [Event(message="x" * 600_000, timestamp=START + timedelta(seconds=1)) for _ in range(2)]
        add_events(connection, slow, large)
    with own_proxy(own_stack.parts.postgrest_url) as proxy:
        response = proxy.client.get(slow)
        assert (response.status_code, len(response.json()["items"])) == (200, 3)
        assert response.elapsed.total_seconds() > 6
    with own_proxy(own_stack.parts.postgrest_url, {"REQUEST_TIMEOUT": "5"}) as proxy:
        assert_timeout(proxy.client.get(slow))


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
                    requests.get(url, _alone(number), timeout=(60, 0.01))
                wait_until(
                    lambda wanted=number + 1: waiting(connection) == wanted,  # type: ignore[misc]
                    "its query waits",
                )
            patient: Future[requests.Response] = pool.submit(_get, proxy.client, sessions["in_progress"])
            assert not wait([patient], timeout=0, return_when=FIRST_COMPLETED).done
        assert patient.result(timeout=60).status_code == 200
