"""PROXY_WORKERS: several processes that serve one port."""

import http.client
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import psutil
import psycopg
import pytest
import requests

from stack.errors import StackError
from stack.proxy import proxy
from stack.whole import Stack
from tests.support.long import long
from tests.support.manager import manager
from tests.support.rows import add_session
from tests.support.waiting import PATIENCE_SECONDS, wait_until

from .parts import OwnProxy, OwnStack, locked, own_proxy, waiting

WORKERS = 3
HUNG_SECONDS = 10


@pytest.fixture
def team(running_stack: Stack, tmp_path: Path) -> Iterator[OwnProxy]:
    """A proxy of three processes, each of which has given a sign of life."""
    with manager(tmp_path, watchdog=HUNG_SECONDS) as systemd:
        settings = {**systemd.environment, "PROXY_WORKERS": str(WORKERS)}
        with own_proxy(running_stack.postgrest_url, settings) as started:
            assert systemd.hears() == "READY=1"
            assert len(_serving(started)) == WORKERS
            yield started


def _serving(team: OwnProxy) -> list[psutil.Process]:
    """The workers that listen."""
    return [each for each in psutil.Process(team.process.pid).children() if psutil.CONN_LISTEN in _connections(each)]


def _busy(team: OwnProxy) -> set[int]:
    """The workers that somebody is connected with."""
    return {each.pid for each in _serving(team) if psutil.CONN_ESTABLISHED in _connections(each)}


def _connections(worker: psutil.Process) -> set[str]:
    """In which states its connections are; none where it is gone."""
    try:
        return {each.status for each in worker.net_connections("inet")}
    except psutil.NoSuchProcess:
        return set()


def test_share_the_port(team: OwnProxy, session_id: UUID) -> None:
    """Connections should be spread over all of them, and each answer as one alone does."""
    connected: list[requests.Session] = []
    try:
        while len(_busy(team)) < WORKERS:
            assert len(connected) < 200
            connected.append(requests.Session())
            answer = connected[-1].get(team.client.events_url(session_id), timeout=60)
            assert (answer.status_code, answer.json()["items"]) == (200, [])
    finally:
        for each in connected:
            each.close()


def test_replaced(team: OwnProxy, session_id: UUID) -> None:
    """One that dies should be replaced, and nobody who comes meanwhile be turned away."""
    before = {worker.pid for worker in _serving(team)}
    for worker in _serving(team):
        worker.kill()
    for _ in range(20):
        assert requests.get(team.client.events_url(session_id), timeout=60).status_code == 200
    wait_until(lambda: len(_serving(team)) == WORKERS)
    assert not before & {worker.pid for worker in _serving(team)}
    assert team.process.log_path.read_text().count("is replaced") == WORKERS


def test_hung(team: OwnProxy, session_id: UUID) -> None:
    """One that hangs should be replaced after ten seconds, and the others answer all along."""
    hung, *others = _serving(team)
    path = team.client.events_url(session_id).removeprefix(team.client.url)
    with ExitStack() as connections:
        kept = [connections.enter_context(_connected(team, worker)) for worker in others]
        began = time.monotonic()
        hung.suspend()
        while hung.is_running():
            assert time.monotonic() - began < 3 * HUNG_SECONDS
            for connection in kept:
                connection.request("GET", path)
                with connection.getresponse() as answer:
                    assert (answer.status, json.load(answer)["items"]) == (200, [])
    assert time.monotonic() - began > HUNG_SECONDS - 2
    wait_until(lambda: len(_serving(team)) == WORKERS)
    assert {*others} < {*_serving(team)}
    said = team.process.log_path.read_text()
    assert f"worker {hung.pid} is ended: it hangs, for {HUNG_SECONDS} s now" in said
    assert said.count("is replaced") == 1


@contextmanager
def _connected(team: OwnProxy, worker: psutil.Process) -> Iterator[http.client.HTTPConnection]:
    """A connection that this worker has taken."""
    parts = urlsplit(team.client.url)
    while True:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_SECONDS)
        with closing(connection):
            connection.request("GET", "/live")
            connection.getresponse().read()
            if connection.sock.getsockname() in [each.raddr for each in worker.net_connections("inet")]:
                yield connection
                return


@long
def test_first_paused(team: OwnProxy) -> None:
    """When the process that looks after them has stood still for long, it should take none for hung."""
    before, first = _serving(team), psutil.Process(team.process.pid)
    first.suspend()
    threading.Event().wait(2 * HUNG_SECONDS)
    first.resume()
    threading.Event().wait(HUNG_SECONDS / 2)
    assert _serving(team) == before
    assert "is ended" not in team.process.log_path.read_text()


@long
def test_hung_at_the_end(team: OwnProxy) -> None:
    """One that hangs should not keep the others from their end."""
    workers = _serving(team)
    workers[0].suspend()
    os.kill(team.process.pid, signal.SIGTERM)
    assert psutil.Process(team.process.pid).wait(PATIENCE_SECONDS) == 0
    assert not [worker for worker in workers if worker.is_running()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_running_requests_finish(own_stack: OwnStack, number: signal.Signals) -> None:
    """At the end each should let its running requests finish, and none be left."""
    with psycopg.connect(own_stack.parts.database_url) as connection:
        session_id = add_session(connection)
    with own_proxy(own_stack.parts.postgrest_url, {"PROXY_WORKERS": "2"}) as team, ThreadPoolExecutor(1) as pool:
        wait_until(lambda: len(_serving(team)) == 2)
        workers = _serving(team)
        with locked(own_stack.parts.database_url) as connection:
            begun = pool.submit(team.client.get, session_id)
            wait_until(lambda: waiting(connection) == 1)
            os.kill(team.process.pid, number)
            wait_until(lambda: not _serving(team))
            assert not begun.done()
        assert begun.result(timeout=PATIENCE_SECONDS).status_code == 200
        assert psutil.Process(team.process.pid).wait(PATIENCE_SECONDS) == 0
        assert not [worker for worker in workers if worker.is_running()]


def test_none_outlives_the_first(team: OwnProxy) -> None:
    """When the process that started them is killed, they should end by themselves."""
    workers = _serving(team)
    os.kill(team.process.pid, signal.SIGKILL)
    _, alive = psutil.wait_procs(workers, PATIENCE_SECONDS)
    assert not alive


def test_a_second_one_is_told(team: OwnProxy, running_stack: Stack) -> None:
    """A second proxy on the same port should be told that it is taken, and not slip in beside the first."""
    port = int(team.client.url.rpartition(":")[2])
    second = proxy(running_stack.postgrest_url, port=port, env={"PROXY_WORKERS": "2"})
    with pytest.raises(StackError, match="PROXY_PORT"), second:
        pytest.fail("it has started")
