"""Host: a page of another site must not read a proxy on loopback because its own name leads there (DNS rebinding)."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from uuid import UUID

import pytest
import requests

from stack.whole import Stack
from tests.support.client import Client, assert_problem

from . import wire
from .leaks import assert_nothing_leaks
from .parts import own_proxy

KEY = "hosts-key-6b2d"
FOREIGN = "evil.example"
PATHS = ["/", "/sessions/anything", "/docs", "/openapi.json", "/live", "/ready", "/metrics", "/static/poller/place.js"]


@pytest.fixture(scope="module")
def having(running_stack: Stack) -> Iterator[Callable[..., Client]]:
    """Gives the client of a proxy with these settings."""
    with ExitStack() as proxies:
        clients: dict[str, Client] = {}

        def _client(**env: str) -> Client:
            if str(env) not in clients:
                clients[str(env)] = proxies.enter_context(own_proxy(running_stack.postgrest_url, env)).client
            return clients[str(env)]

        yield _client


def asked(client: Client, host: str, session_id: UUID, **headers: str) -> requests.Response:
    """The answer to a poll under a name."""
    return client.get(session_id, headers={"Host": host, **headers})


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "127.0.0.1", "127.0.0.1:8000", "127.9.9.9", "[::1]", "[::1]:1", "192.0.2.1"]
)
def test_own(client: Client, session_id: UUID, host: str) -> None:
    """Localhost and addresses, which nobody can have lead elsewhere, should be answered, with any port."""
    assert asked(client, host, session_id).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        FOREIGN,
        f"{FOREIGN}:8000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.example:127.0.0.1",
        "localhost:8000:8000",
        "[evil.example]",
        "[localhost]",
        "localhost@evil.example",
        "2130706433.evil.example",
        "*",
        "x" * 1000,
    ],
)
def test_foreign(client: Client, session_id: UUID, host: str) -> None:
    """Any other name should be a 400 that says which setting it lacks, and nothing of what is inside."""
    response = asked(client, host, session_id)
    body = assert_problem(response, 400, "Host")
    assert "PROXY_ALLOWED_HOSTS" in body["detail"]
    assert len(body["detail"]) < 300
    if "localhost" not in host and "127" not in host:
        assert_nothing_leaks(response)


@pytest.mark.parametrize("path", [*PATHS, "/nowhere"])
def test_foreign_everywhere(client: Client, path: str) -> None:
    """No path should be open to it: a page of ours would ask for events under the foreign name."""
    response = client.session.get(f"{client.url}{path}", headers={"Host": FOREIGN}, timeout=60)
    assert_problem(response, 400, "Host")


@pytest.mark.parametrize("method", ["OPTIONS", "HEAD", "POST"])
def test_foreign_with_every_method(client: Client, session_id: UUID, method: str) -> None:
    """Nor should another method be, the preflight included."""
    assert client.get(session_id, method=method, headers={"Host": FOREIGN}).status_code == 400


def test_rebound_page_cannot_ask(client: Client, session_id: UUID) -> None:
    """What such a page sends, with its own name as its origin, should not be answered either."""
    headers = {"Origin": f"http://{FOREIGN}:8000", "Referer": f"http://{FOREIGN}:8000/"}
    response = asked(client, f"{FOREIGN}:8000", session_id, **headers)
    assert_problem(response, 400, "Host")
    assert "Access-Control-Allow-Origin" not in response.headers


def test_without_a_host(client: Client) -> None:
    """A monitor that sends none, as HTTP/1.0 allows, should be answered: no browser does that."""
    assert wire.send(client.url, b"GET /live HTTP/1.0\r\n\r\n").status_code == 200


def test_two_hosts(client: Client) -> None:
    """Two of them should be refused, whichever comes first."""
    for hosts in (b"Host: localhost\r\nHost: evil.example", b"Host: evil.example\r\nHost: localhost"):
        assert wire.send(client.url, b"GET /live HTTP/1.1\r\n" + hosts + b"\r\n\r\n").status_code == 400


def test_configured(having: Callable[..., Client], session_id: UUID) -> None:
    """A configured name should be answered, however it is written, and no other."""
    client = having(PROXY_ALLOWED_HOSTS="Events.example, other.example")
    for host in ("events.example", "EVENTS.EXAMPLE:443", "other.example", "localhost", "127.0.0.1"):
        assert asked(client, host, session_id).status_code == 200
    for host in ("example", "x.events.example", "events.example.evil.example", FOREIGN):
        assert_problem(asked(client, host, session_id), 400, "Host")


def test_any(having: Callable[..., Client], session_id: UUID) -> None:
    """With * every name should be answered."""
    assert asked(having(PROXY_ALLOWED_HOSTS="*"), FOREIGN, session_id).status_code == 200


def test_keys(having: Callable[..., Client], session_id: UUID) -> None:
    """Where a key is asked for every name should do, unless names are configured, too."""
    key = {"X-API-Key": KEY}
    assert asked(having(API_KEYS=KEY), FOREIGN, session_id, **key).status_code == 200
    assert asked(having(API_KEYS=KEY), FOREIGN, session_id).status_code == 401
    both = having(API_KEYS=KEY, PROXY_ALLOWED_HOSTS="events.example")
    assert asked(both, "events.example", session_id, **key).status_code == 200
    assert_problem(asked(both, FOREIGN, session_id, **key), 400, "Host")


@pytest.mark.parametrize("path", [*PATHS, "/nowhere", "/api/v2/sessions/nonsense/events"])
def test_policy(client: Client, path: str) -> None:
    """Every answer should have a policy that lets nothing in from elsewhere, errors and data too."""
    response = client.session.get(f"{client.url}{path}", timeout=60)
    policy = dict(each.split(" ", 1) for each in response.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert set(policy.values()) <= {"'none'", "'self'", "'self' data:"}
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_policy_of_what_is_no_http(client: Client) -> None:
    """So should what is answered to garbage."""
    answer = wire.send(client.url, b"GARBAGE\r\n\r\n")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
