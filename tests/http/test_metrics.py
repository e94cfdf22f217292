"""GET /metrics: what the proxy has done, as Prometheus reads it."""

import os
import re
import signal
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any
from uuid import UUID

import psutil
import psycopg
import pytest
import requests

from stack.binaries import REPOSITORY
from stack.whole import Stack
from tests.support.client import Client, assert_problem
from tests.support.metrics import Told, told
from tests.support.openapi import document
from tests.support.rows import Event, add_events, add_session
from tests.support.waiting import wait_until

from . import wire
from .parts import OwnProxy, OwnStack, closed, locked, own_proxy, waiting

KEY = "metrics-key-7c1d"
WORKERS = 3


@pytest.fixture
def own(running_stack: Stack) -> Iterator[OwnProxy]:
    """A proxy that has counted nothing yet."""
    with own_proxy(running_stack.postgrest_url, {"MAX_RESPONSE_BYTES": "20000"}) as proxy:
        yield proxy


def test_requests(own: OwnProxy, writer: psycopg.Connection[Any], session_id: UUID) -> None:
    """Every request should be counted by its kind and status, with its time and its bytes."""
    add_events(writer, session_id, [Event(), Event()])
    answers = [own.client.get(session_id, limit=1)]
    page = answers[0].json()
    answers += [
        own.client.get(session_id, next=page["pagination"]["next"]),
        own.client.get(session_id, cursor=page["cursor"]),
        own.client.get(session_id, since=page["timestamp"]),
        own.client.get(session_id, since=page["timestamp"]),
        own.client.get(uuid.uuid4()),
        own.client.get(session_id, limit=1, headers={"If-None-Match": "*"}),
        own.client.get(session_id, limit=1, method="HEAD"),
        own.client.get(session_id, limit="none"),
    ]
    after = told(own.client)
    counted = {
        (each["kind"], each["status"]): after.value("requests_total", **each) for each in after.labels("requests_total")
    }
    assert counted == {
        ("page", "200"): 2,
        ("page", "304"): 1,
        ("page", "404"): 1,
        ("next", "200"): 1,
        ("cursor", "200"): 1,
        ("since", "200"): 2,
        ("other", "400"): 1,
    }
    assert after.value("response_bytes_total") == sum(len(answer.content) for answer in answers)
    assert after.value("request_seconds_count", kind="since") == 2
    assert after.value("request_seconds_bucket", kind="since", le="+Inf") == 2
    assert 0 < after.value("request_seconds_sum", kind="since") < 60


def test_problems(own: OwnProxy, writer: psycopg.Connection[Any], session_id: UUID) -> None:
    """Every error should be counted by its kind: a refused cursor, a page that is too large, no path, no HTTP."""
    add_events(writer, session_id, [Event(event_data={"log": "x" * 1000}) for _ in range(40)])
    assert_problem(own.client.get(session_id, cursor="made-up"), 400, "cursor")
    assert_problem(own.client.get(session_id), 400, "limit")
    assert_problem(own.client.session.get(f"{own.client.url}/nowhere", timeout=60), 404)
    assert wire.send(own.client.url, b"nonsense\r\n\r\n").status_code == 400
    after = told(own.client)
    counted = {each["problem"]: after.value("problems_total", **each) for each in after.labels("problems_total")}
    assert {slug for slug, count in counted.items() if count} == {
        "cursor-malformed",
        "response-too-large",
        "not-found",
        "invalid-request",
    }
    assert set(counted.values()) == {0, 1}
    assert after.value("requests_total", kind="other", status="400") == 1


def test_waiting(own: OwnProxy, running_stack: Stack, session_id: UUID, writer: psycopg.Connection[Any]) -> None:
    """What is under way should be told while it is, and what shares a call or an answer."""
    others = [add_session(writer) for _ in range(3)]
    cursors = [own.client.page(each)["cursor"] for each in (session_id, *others)]
    polls = [*zip((session_id, *others), cursors, strict=True), (others[2], cursors[3])]
    before = told(own.client)
    with ThreadPoolExecutor(len(polls)) as pool:
        with closed(running_stack.database_url) as connection:
            answers = [pool.submit(own.client.get, polls[0][0], cursor=polls[0][1])]
            wait_until(lambda: waiting(connection) == 1)
            answers += [pool.submit(own.client.get, each, cursor=cursor) for each, cursor in polls[1:]]
            # The request that asks is under way, too.
            wait_until(lambda: told(own.client).value("requests_in_flight") == 6)
            meanwhile = told(own.client)
        assert {answer.result().status_code for answer in answers} == {200}
    assert meanwhile.value("polls_waiting", call="shared") == 3
    assert meanwhile.value("polls_waiting", call="alone") == 0
    after = told(own.client)
    assert after.value("polls_waiting", call="shared") == 0
    assert after.value("requests_in_flight") == 1
    assert after.value("joined_requests_total") - before.value("joined_requests_total") == 1
    assert after.value("shared_call_polls_count") - before.value("shared_call_polls_count") == 2
    assert after.value("shared_call_polls_sum") - before.value("shared_call_polls_sum") == 4
    assert after.value("call_seconds_count", call="shared") == after.value("shared_call_polls_count")
    # A look at whether anything is answered, while polls wait for long, is a call too.
    assert after.value("call_seconds_count", call="alone") >= before.value("call_seconds_count", call="alone") >= 4
    assert after.value("database_seconds_total") > before.value("database_seconds_total") > 0


def test_horizon(own: OwnProxy, running_stack: Stack, session_id: UUID) -> None:
    """How far the timestamp lags should be told of calls that show it, and grow with a writer that stays open."""

    def ages() -> tuple[float, float]:
        now = told(own.client)
        return now.value("horizon_age_seconds_count"), now.value("horizon_age_seconds_sum")

    page = own.client.page(session_id)
    assert ages()[0] == 1
    assert ages()[1] < 60
    # None of these tells: the client holds the timestamp, there is no answer, or the answer is one of a walk.
    own.client.page(session_id, since="2026-01-13T14:30:00Z")
    own.client.get(uuid.uuid4())
    with psycopg.connect(running_stack.database_url) as writer:
        add_events(writer, session_id, [Event(), Event()])
        writer.commit()
        walk = own.client.page(session_id, limit=1)
        own.client.page(session_id, next=walk["pagination"]["next"])
        assert ages()[0] == 2
        add_events(writer, session_id, [Event()])
        (started,) = writer.execute(
            "select extract(epoch from xact_start)::float from pg_stat_activity where pid = pg_backend_pid()"
        ).fetchone() or (0.0,)
        before = ages()
        wait_until(lambda: time.time() - started > 1.5)
        called = time.time()
        own.client.page(session_id, cursor=page["cursor"])
        count, total = ages()
        assert count == before[0] + 1
        assert called - started <= total - before[1] <= time.time() - started


def test_failed_calls(session_id: UUID, own_stack: OwnStack) -> None:
    """A call that failed should be counted by its reason: nobody there, or no answer in time."""
    with own_proxy("unix:///nowhere/postgrest.sock") as alone:
        assert_problem(alone.client.get(session_id), 503)
        after = told(alone.client)
        assert after.value("failed_calls_total", reason="unreachable") == 1
        assert after.value("problems_total", problem="unavailable") == 1
    with (
        own_proxy(own_stack.parts.postgrest_url, {"REQUEST_TIMEOUT": "0.3"}) as hasty,
        closed(own_stack.parts.database_url),
    ):
        assert_problem(hasty.client.get(session_id), 504)
        wait_until(lambda: told(hasty.client).value("failed_calls_total", reason="timeout") == 1)


def test_shed(own_stack: OwnStack) -> None:
    """Those who are refused since there is too much to do should be counted as such."""
    with own_proxy(own_stack.parts.postgrest_url, {"POLLS_PER_CALL": "1"}) as proxy, ThreadPoolExecutor(3) as pool:
        with psycopg.connect(own_stack.parts.database_url, autocommit=True) as connection:
            session_id = add_session(connection)
        cursor = proxy.client.page(session_id)["cursor"]
        with locked(own_stack.parts.database_url) as connection:
            begun = pool.submit(proxy.client.get, session_id, cursor=cursor)
            wait_until(lambda: waiting(connection) == 1)
            # One of them gets the next call, once the first has been given up.
            others = [pool.submit(Client(proxy.client.url).get, session_id, cursor=cursor, limit=n) for n in (5, 6)]
            refused = next(as_completed(others, timeout=60))
            assert_problem(refused.result(), 503)
        others.remove(refused)
        assert {each.result().status_code for each in [begun, *others]} == {200}
        assert told(proxy.client).value("problems_total", problem="overloaded") == 1


def test_documented(client: Client) -> None:
    """The table in docs/operations.md should have every metric with its labels, and no other."""
    table = (REPOSITORY / "docs" / "operations.md").read_text().partition("\n## Metrics\n")[2].partition("\n#")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) ?\|", table, re.MULTILINE)
    documented = {name: set(re.findall(r"\w+", labels)) for name, labels in rows}
    samples = told(client).all()
    assert documented == {re.sub(r"_(bucket|count|sum)$", "", name): labels - {"le"} for name, labels in samples}


def test_build_info(client: Client) -> None:
    """Which version runs should be told."""
    (labels,) = told(client).labels("build_info")
    assert labels["version"] == document()["info"]["version"]


def test_all_workers(running_stack: Stack, session_id: UUID) -> None:
    """Whichever worker is asked should tell of all of them, and what those have done that are gone."""
    with own_proxy(running_stack.postgrest_url, {"PROXY_WORKERS": str(WORKERS)}) as team:
        for _ in range(30):
            # Connections of their own are spread over the workers.
            assert requests.get(team.client.events_url(session_id), timeout=60).status_code == 200
        wait_until(lambda: len(psutil.Process(team.process.pid).children()) == WORKERS)
        assert {_fresh(team) for _ in range(10)} == {(30, 1, 0)}
        # Each has one place for such, so that one of four has to wait.
        with closed(running_stack.database_url), ThreadPoolExecutor(4) as pool:
            begun = [
                pool.submit(requests.get, team.client.events_url(session_id), {"limit": limit}, timeout=60)
                for limit in range(1, 5)
            ]
            wait_until(lambda: _fresh(team)[1] == 5)
            assert _fresh(team)[2] > 0
            for worker in psutil.Process(team.process.pid).children():
                os.kill(worker.pid, signal.SIGKILL)
            assert {type(each.exception()) for each in begun} == {requests.ConnectionError}
        # What one had under way goes once the one in its place begins.
        wait_until(lambda: _fresh(team) == (30, 1, 0))
        assert {_fresh(team) for _ in range(10)} == {(30, 1, 0)}


def _fresh(team: OwnProxy) -> tuple[float, float, float]:
    """Pages answered, requests in flight and polls that wait, told to a connection of its own."""
    now = Told(requests.get(f"{team.client.url}/metrics", timeout=60).text)
    pages = now.value("requests_total", kind="page", status="200")
    return pages, now.value("requests_in_flight"), now.value("polls_waiting", call="alone")


@pytest.fixture(scope="module")
def guarded(running_stack: Stack) -> Iterator[OwnProxy]:
    """A proxy with a key."""
    with own_proxy(running_stack.postgrest_url, {"API_KEYS": KEY}) as proxy:
        yield proxy


@pytest.mark.parametrize(
    "headers", [{"X-API-Key": KEY}, {"Authorization": f"Bearer {KEY}"}, {"Authorization": f"bearer {KEY}"}], ids=str
)
def test_right_key(guarded: OwnProxy, headers: dict[str, str]) -> None:
    """Where keys are configured one should open, as everywhere or as Prometheus sends it."""
    response = guarded.client.session.get(f"{guarded.client.url}/metrics", headers=headers, timeout=60)
    assert response.status_code == 200
    assert KEY not in response.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": "wrong"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": KEY},
    ],
    ids=str,
)
def test_wrong_key(guarded: OwnProxy, headers: dict[str, str]) -> None:
    """Nothing but a key should, and who tries is counted."""
    before = told(guarded.client, KEY).value("problems_total", problem="unauthorized")
    assert_problem(guarded.client.session.get(f"{guarded.client.url}/metrics", headers=headers, timeout=60), 401)
    assert told(guarded.client, KEY).value("problems_total", problem="unauthorized") == before + 1


def test_bearer_is_for_metrics_alone(guarded: OwnProxy, session_id: UUID) -> None:
    """Elsewhere a bearer token should not open, since no document says so."""
    assert_problem(guarded.client.get(session_id, headers={"Authorization": f"Bearer {KEY}"}), 401)
