"""/live, /ready and its older name /health."""

import socket

import pytest
import requests

from tests.support.client import Client, assert_problem

from .leaks import assert_nothing_leaks
from .parts import OwnStack, closed, own_proxy

READY = pytest.mark.parametrize("path", ["/ready", "/health"])


def _get(client: Client, path: str, method: str = "GET") -> requests.Response:
    return client.session.request(method, f"{client.url}{path}", timeout=60)


@pytest.mark.parametrize("path", ["/live", "/ready", "/health"])
def test_well(client: Client, path: str) -> None:
    """Where all works, each should be ok, anew each time, and to HEAD as well."""
    response, head = _get(client, path), _get(client, path, "HEAD")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert (head.status_code, head.content) == (200, b"")
    assert response.headers["Cache-Control"] == head.headers["Cache-Control"] == "no-store"


def test_live_touches_nothing() -> None:
    """/live should not even connect to what is behind the proxy, unlike /ready."""
    with socket.create_server(("127.0.0.1", 0)) as behind:
        behind.setblocking(False)
        with own_proxy(f"http://127.0.0.1:{behind.getsockname()[1]}", {"REQUEST_TIMEOUT": "0.5"}) as proxy:
            assert _get(proxy.client, "/live").status_code == 200
            with pytest.raises(BlockingIOError):
                behind.accept()
            assert _get(proxy.client, "/ready").status_code == 503
            behind.accept()[0].close()


@READY
def test_not_ready_within_two_seconds(own_stack: OwnStack, path: str) -> None:
    """With a database that is held up it should be a 503 long before a poll would be given up, and /live still ok."""
    with own_proxy(own_stack.parts.postgrest_url) as proxy:
        with closed(own_stack.parts.database_url):
            response = _get(proxy.client, path)
            assert assert_problem(response, 503)["type"] == "/docs#problem-unavailable"
            # Two, and what a busy machine may add; a poll has 15.
            assert response.elapsed.total_seconds() < 5
            assert int(response.headers["Retry-After"]) > 0
            assert_nothing_leaks(response)
            assert _get(proxy.client, "/live").status_code == 200
        assert proxy.client.get("8c6ea1d4-3a3c-4f8e-9f6d-2f1c9f0f7b11").status_code == 404
