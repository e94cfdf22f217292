"""API keys: who may read once some are configured."""

from collections.abc import Iterator
from uuid import UUID

import pytest
import requests

from stack.whole import Stack
from tests.support.client import Client, assert_problem

from . import wire
from .parts import OwnProxy, own_proxy

FIRST, SECOND, IN_FILE, FOREIGN = "first-key-1f6a", "second key 2b7c", "filed-key-3d8e", "schlüssel-鍵-4f9a"
KEYS = (FIRST, SECOND, IN_FILE, FOREIGN)
WRONG = "wrong-key-5a0b"


@pytest.fixture(scope="module")
def guarded(running_stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnProxy]:
    """A proxy with two keys from API_KEYS and two from API_KEYS_FILE."""
    file = tmp_path_factory.mktemp("keys") / "keys"
    file.write_text(f"\n  {IN_FILE}  \n\n{FOREIGN}\n", encoding="utf-8")
    env = {"API_KEYS": f"{FIRST}, {SECOND},", "API_KEYS_FILE": str(file)}
    with own_proxy(running_stack.postgrest_url, env) as proxy:
        yield proxy


def assert_unauthorized(response: requests.Response) -> None:
    """The one shape of a 401: how to send a key, and nothing about the ones there are."""
    body = assert_problem(response, 401)
    assert "X-API-Key" in body["detail"]
    assert response.headers["WWW-Authenticate"].startswith("ApiKey")
    assert not any(key in response.text for key in KEYS)


@pytest.mark.parametrize("key", KEYS, ids=ascii)
def test_right(guarded: OwnProxy, session_id: UUID, key: str) -> None:
    """Every key should open, from the environment or the file, with spaces or beyond ASCII."""
    response = _get(guarded.client, session_id, key.encode())
    assert response.status_code == 200


def test_missing(guarded: OwnProxy, session_id: UUID) -> None:
    """Without a key it should be a 401."""
    assert_unauthorized(guarded.client.get(session_id))


@pytest.mark.parametrize(
    "key",
    [
        WRONG.encode(),
        b"",
        FIRST[:-1].encode(),
        f"{FIRST}x".encode(),
        FIRST.upper().encode(),
        f"{FIRST},{SECOND}".encode(),
        f"{FIRST}, {SECOND},".encode(),
        f"Bearer {FIRST}".encode(),
        FOREIGN.encode("utf-16-le").replace(b"\x00", b"\xff"),
        "schlüssel".encode("latin-1"),
        b"\xff\xfe",
        b"x" * 60_000,
    ],
    ids=lambda key: repr(key[:20]),
)
def test_wrong(guarded: OwnProxy, session_id: UUID, key: bytes) -> None:
    """Anything but a key should be a 401, noise beyond ASCII and near misses too."""
    assert_unauthorized(_get(guarded.client, session_id, key))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_before_everything_else(guarded: OwnProxy, method: str) -> None:
    """A stranger should learn neither which sessions there are nor what is wrong with a request."""
    for session_id in ("nonsense", "8c6ea1d4-3a3c-4f8e-9f6d-2f1c9f0f7b11"):
        assert guarded.client.get(session_id, method=method, limit="x").status_code == 401


def test_not_in_the_query(guarded: OwnProxy, session_id: UUID) -> None:
    """A key in the URL, where logs would keep it, should not open."""
    for name in ("api_key", "X-API-Key", "apikey"):
        path = f"/api/v2/sessions/{session_id}/events?{name}={FIRST}"
        assert_unauthorized(wire.get(guarded.client.url, path.encode()))


def test_preflight_needs_none(guarded: OwnProxy, session_id: UUID) -> None:
    """The preflight should pass without a key, which a browser never sends with it."""
    response = guarded.client.get(session_id, method="OPTIONS")
    assert response.status_code == 204


@pytest.mark.parametrize("path", ["/live", "/ready", "/health"])
def test_health_needs_none(guarded: OwnProxy, path: str) -> None:
    """A monitor that has no key should be answered."""
    assert guarded.client.session.get(f"{guarded.client.url}{path}", timeout=60).status_code == 200


def test_never_logged(guarded: OwnProxy, session_id: UUID) -> None:
    """Neither right nor wrong keys should stand in the log."""
    for key in (*KEYS, WRONG):
        _get(guarded.client, session_id, key.encode())
    log = guarded.process.log_path.read_text(encoding="utf-8")
    assert "listening" in log
    assert not any(key in log for key in (*KEYS, WRONG))


def test_none_configured(client: Client, session_id: UUID) -> None:
    """With none configured any key should do no harm."""
    assert client.get(session_id, headers={"X-API-Key": WRONG}).status_code == 200


def _get(client: Client, session_id: UUID, key: bytes) -> requests.Response:
    path = f"/api/v2/sessions/{session_id}/events"
    return wire.get(client.url, path.encode(), b"X-API-Key: " + key)
