"""PROXY_ACCESS_LOG: a line a request, without anything that no log should have."""

import json
import os
import pty
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import psycopg
import requests

from stack.binaries import REPOSITORY
from stack.process import plain_environment
from stack.whole import Stack
from tests.support.rows import Event, add_events, add_session
from tests.support.waiting import wait_until

from . import wire
from .parts import OwnProxy, OwnStack, locked, own_proxy, waiting

KEY, SECRET = "access-log-key-5e2b", "content-of-an-event-8d4f"
ALL = {"PROXY_ACCESS_LOG": "1", "API_KEYS": KEY}


def _lines(proxy: OwnProxy) -> list[dict[str, Any]]:
    """What was logged about requests that were answered."""
    lines = [json.loads(line) for line in proxy.process.log_path.read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if line["logger"] == "proxy.observer"]


def test_every_request(running_stack: Stack, session_id: UUID, writer: psycopg.Connection[Any]) -> None:
    """With 1 every request should have its line, with what is needed to find it and to count with."""
    add_events(writer, session_id, [Event(message=SECRET)])
    with own_proxy(running_stack.postgrest_url, ALL) as proxy:
        key = {"X-API-Key": KEY}
        page = proxy.client.get(session_id, headers={**key, "X-Request-ID": "first"})
        cursor = page.json()["cursor"]
        proxy.client.get(session_id, headers={**key, "X-Request-ID": "second"}, cursor=cursor)
        refused = proxy.client.get(session_id, headers={**key, "X-Request-ID": "third"}, cursor="made-up")
        proxy.client.session.get(f"{proxy.client.url}/health", headers={"X-Request-ID": "fourth"}, timeout=60)
        first, second, third, fourth = _lines(proxy)
        log = proxy.process.log_path.read_text()
    milliseconds = first.pop("milliseconds")
    assert 0 < milliseconds < 60_000
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", first.pop("time"))
    assert first == {
        "level": "info",
        "logger": "proxy.observer",
        "message": "Answered",
        "request_id": "first",
        "method": "GET",
        "path": "/api/v2/sessions/{session_id}/events",
        "kind": "page",
        "session": str(session_id),
        "status": 200,
        "bytes": len(page.content),
    }
    assert (second["request_id"], second["kind"], second["status"]) == ("second", "cursor", 200)
    assert (third["request_id"], third["status"], third["problem"]) == ("third", 400, "cursor-malformed")
    assert third["bytes"] == len(refused.content)
    assert (fourth["request_id"], fourth["path"], fourth["kind"]) == ("fourth", "/health", "other")
    assert not any(secret in log for secret in (KEY, SECRET, cursor))


def test_nothing_of_the_client_s(running_stack: Stack, session_id: UUID) -> None:
    """What a client wrote into a path, a query or a header should not be logged, were it a key in a wrong place."""
    with own_proxy(running_stack.postgrest_url, ALL) as proxy:
        for target in (f"/{KEY}", f"/api/v2/sessions/{KEY}/events", f"/api/v2/sessions/{session_id}/events?key={KEY}"):
            wire.get(proxy.client.url, target.encode(), b"X-API-Key: " + KEY.encode(), b"Cookie: " + KEY.encode())
        wire.send(proxy.client.url, f"{KEY}\r\n\r\n".encode())
        assert [line["status"] for line in _lines(proxy)] == [404, 400, 400, 400]
        assert KEY not in proxy.process.log_path.read_text()


def test_off_by_default(running_stack: Stack, session_id: UUID) -> None:
    """Without the setting there should be no line."""
    with own_proxy(running_stack.postgrest_url) as proxy:
        assert proxy.client.get(session_id).status_code == 200
        assert _lines(proxy) == []


def test_slow(own_stack: OwnStack) -> None:
    """Without the setting what took long should have its line all the same, whether it was answered or given up."""
    with psycopg.connect(own_stack.parts.database_url, autocommit=True) as connection:
        session_id = add_session(connection)
    with (
        own_proxy(own_stack.parts.postgrest_url) as patient,
        own_proxy(own_stack.parts.postgrest_url, {"REQUEST_TIMEOUT": "0.2"}) as hasty,
        ThreadPoolExecutor(1) as pool,
    ):
        with locked(own_stack.parts.database_url) as connection:
            held = pool.submit(patient.client.get, session_id, headers={"X-Request-ID": "held"})
            wait_until(lambda: waiting(connection) == 1)
            began = time.monotonic()
            assert hasty.client.get(session_id, headers={"X-Request-ID": "given-up"}).status_code == 504
            wait_until(lambda: time.monotonic() - began > 1.0)
        assert held.result().status_code == 200
        patient.client.get(session_id)
        (slow,), (failed,) = _lines(patient), _lines(hasty)
    told = [(line["request_id"], line["status"], line["kind"], line["session"]) for line in (slow, failed)]
    assert told == [("held", 200, "page", str(session_id)), ("given-up", 504, "page", str(session_id))]
    assert slow["milliseconds"] >= 1000


def test_sampled(running_stack: Stack) -> None:
    """With a share, about so many requests should have one."""
    with own_proxy(running_stack.postgrest_url, {"PROXY_ACCESS_LOG": "0.5"}) as proxy:
        for _ in range(200):
            proxy.client.session.get(f"{proxy.client.url}/nowhere", timeout=60)
        # Fewer or more come once in ten million runs.
        assert 60 < len(_lines(proxy)) < 140


def test_failures_are_json(session_id: UUID) -> None:
    """A failure should be a line of JSON with the request's id, with and without the setting."""
    with own_proxy("unix:///nowhere/postgrest.sock") as proxy:
        proxy.client.get(session_id, headers={"X-Request-ID": "reported"})
        (line,) = [json.loads(line) for line in proxy.process.log_path.read_text().splitlines() if line.startswith("{")]
    assert (line["request_id"], line["level"], line["logger"]) == ("reported", "warning", "proxy.postgrest")
    assert "not reachable" in line["message"]


def test_text_on_a_terminal(session_id: UUID) -> None:
    """Where somebody looks on, lines should be text, with what JSON has as members at their end."""
    terminal, there = pty.openpty()
    env = {**plain_environment(), "POSTGREST_URL": "unix:///nowhere", "PROXY_PORT": "0", "PROXY_ACCESS_LOG": "1"}
    command = [sys.executable, "-m", "proxy"]
    with subprocess.Popen(command, cwd=REPOSITORY, env=env, stdout=subprocess.PIPE, stderr=there, text=True) as process:
        try:
            assert process.stdout
            url = process.stdout.readline().split()[-1]
            path = f"{url}/api/v2/sessions/{session_id}/events"
            assert requests.get(path, headers={"X-Request-ID": "reported"}, timeout=60).status_code == 503
        finally:
            process.terminate()
    failure, answer = os.read(terminal, 65536).decode().splitlines()
    os.close(terminal)
    os.close(there)
    assert " WARNING proxy.postgrest [reported]: PostgREST is not reachable" in failure
    assert " INFO proxy.observer [reported]: Answered method=GET path=/api/v2/sessions/{session_id}/events " in answer
    assert f" session={session_id} status=503 problem=unavailable milliseconds=" in answer
