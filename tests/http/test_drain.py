"""SIGTERM: running requests finish, new ones are not taken."""

import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit
from uuid import UUID

import psutil
import psycopg
import pytest
import requests

from stack.binaries import REPOSITORY
from stack.process import Running
from tests.support.client import Client, assert_problem
from tests.support.long import long
from tests.support.rows import Event, add_events, add_session
from tests.support.waiting import PATIENCE_SECONDS, wait_until

from .parts import OwnStack, locked, own_proxy, waiting


@pytest.fixture
def session_id(own_stack: OwnStack) -> UUID:
    """A running session."""
    with psycopg.connect(own_stack.parts.database_url) as connection:
        return add_session(connection)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_running_requests_finish(own_stack: OwnStack, session_id: UUID, number: signal.Signals) -> None:
    """A request that has begun should get its whole answer, although nobody new is let in."""
    with own_proxy(own_stack.parts.postgrest_url) as proxy, ThreadPoolExecutor(1) as pool:
        with locked(own_stack.parts.database_url) as connection:
            begun = pool.submit(proxy.client.get, session_id)
            wait_until(lambda: waiting(connection) == 1, "the poll waits for the lock")
            os.kill(proxy.process.pid, number)
            wait_until(lambda: _refuses(proxy.client), "new connections are refused")
            assert not begun.done()
        response = begun.result(timeout=PATIENCE_SECONDS)
        assert (response.status_code, response.json()["items"]) == (200, [])
        assert _exit_status(proxy.process) == 0


def test_running_requests_get_their_time(own_stack: OwnStack, session_id: UUID) -> None:
    """A request that has begun should keep the time it has: its end by the time limit is a 504, not a cut."""
    with (
        own_proxy(own_stack.parts.postgrest_url, {"REQUEST_TIMEOUT": "1"}) as proxy,
        ThreadPoolExecutor(1) as pool,
        locked(own_stack.parts.database_url) as connection,
    ):
        begun = pool.submit(proxy.client.get, session_id)
        wait_until(lambda: waiting(connection) == 1, "the poll waits for the lock")
        os.kill(proxy.process.pid, signal.SIGTERM)
        assert_problem(begun.result(timeout=PATIENCE_SECONDS), 504)
        assert _exit_status(proxy.process) == 0


@long
def test_who_does_not_read(own_stack: OwnStack) -> None:
    """A client that does not read its answer should be cut off before systemd loses its patience."""
    with psycopg.connect(own_stack.parts.database_url, autocommit=True) as connection:
        session_id = add_session(connection)
        add_events(connection, session_id, [Event(message="x" * 300_000) for _ in range(100)])
    unit = (REPOSITORY / "deploy" / "systemd" / "session-events-proxy.service").read_text()
    patience = float(unit.partition("TimeoutStopSec=")[2].split()[0])
    with own_proxy(own_stack.parts.postgrest_url) as proxy:
        url = proxy.client.events_url(session_id)
        plain = {"Accept-Encoding": "identity"}
        with requests.get(url, headers=plain, stream=True, timeout=60) as unread:
            assert unread.status_code == 200
            os.kill(proxy.process.pid, signal.SIGTERM)
            began = time.monotonic()
            assert _exit_status(proxy.process) == 0
            assert time.monotonic() - began < patience - 5


def test_idle_connections_do_not_delay(own_stack: OwnStack, session_id: UUID) -> None:
    """A client that keeps its connection open should not keep the proxy from ending."""
    with own_proxy(own_stack.parts.postgrest_url) as proxy:
        assert proxy.client.get(session_id).status_code == 200
        os.kill(proxy.process.pid, signal.SIGTERM)
        assert _exit_status(proxy.process) == 0


def test_says_nothing_wrong(own_stack: OwnStack, session_id: UUID) -> None:
    """A clean end should leave no complaint in the log."""
    with own_proxy(own_stack.parts.postgrest_url) as proxy:
        assert proxy.client.get(session_id).status_code == 200
        os.kill(proxy.process.pid, signal.SIGTERM)
        assert _exit_status(proxy.process) == 0
        assert len(proxy.process.log_path.read_text().splitlines()) == 1


def _refuses(client: Client) -> bool:
    """Whether nobody listens there any more."""
    parts = urlsplit(client.url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0), timeout=PATIENCE_SECONDS).close()
    except (ConnectionRefusedError, ConnectionResetError):  # reset: it was still queued when the listener closed
        return True
    return False


def _exit_status(process: Running) -> int | None:
    return psutil.Process(process.pid).wait(PATIENCE_SECONDS)
