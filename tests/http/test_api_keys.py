"""API keys: who may read once some are configured."""

import re
import select
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import psutil
import pytest
import requests

from stack.whole import Stack
from tests.support.client import Client, assert_problem
from tests.support.metrics import told
from tests.support.waiting import wait_until

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


def test_never_in_the_url(guarded: OwnProxy, session_id: UUID) -> None:
    """Beside a right key it should be refused too, and stand neither in the answer nor in the log."""
    for name in ("api_key", "key", "X-API-Key"):
        path = f"/api/v2/sessions/{session_id}/events?{name}={SECOND.replace(' ', '+')}"
        response = wire.get(guarded.client.url, path.encode(), b"X-API-Key: " + FIRST.encode())
        assert_problem(response, 400, name)
        assert SECOND not in response.text
    path = f"/metrics?api_key={FIRST}"
    assert_unauthorized(wire.get(guarded.client.url, path.encode()))
    assert not any(key in guarded.process.log_path.read_text(encoding="utf-8") for key in KEYS)


def test_wrong_ones_reach_nothing(guarded: OwnProxy, session_id: UUID) -> None:
    """A wrong key should be counted, and make no call to the database."""
    before = told(guarded.client, FIRST)
    for _ in range(3):
        assert_unauthorized(_get(guarded.client, session_id, WRONG.encode()))
    after = told(guarded.client, FIRST)
    refused = after.value("problems_total", problem="unauthorized")
    assert refused == before.value("problems_total", problem="unauthorized") + 3
    for call in ("alone", "shared"):
        assert after.value("call_seconds_count", call=call) == before.value("call_seconds_count", call=call)


def test_wrong_ones_wait(guarded: OwnProxy, session_id: UUID) -> None:
    """A wrong key should be refused later than a right one that came after it is answered, however many there are."""

    def right_before_wrong() -> bool:
        with ExitStack() as stack:
            guessing = [stack.enter_context(_sent(guarded.client, session_id, WRONG)) for _ in range(50)]
            assert _get(guarded.client, session_id, FIRST.encode()).status_code == 200
            return select.select(guessing, [], [], 0)[0] == []

    # On a busy machine half a second may be over before.
    wait_until(right_before_wrong)


def test_no_more_wait_than_are_bounded(guarded: OwnProxy, session_id: UUID) -> None:
    """Where very many guess at once, those that are too many should be refused at once, and the keys still open."""

    def some_at_once() -> bool:
        with ExitStack() as stack:
            guessing = [stack.enter_context(_sent(guarded.client, session_id, WRONG)) for _ in range(600)]
            assert _get(guarded.client, session_id, FIRST.encode()).status_code == 200
            answered = len(select.select(guessing, [], [], 0)[0])
            assert {_status(each) for each in guessing} == {b"401"}
            return 0 < answered < 300

    wait_until(some_at_once)


def _sent(client: Client, session_id: UUID, key: str) -> socket.socket:
    """A connection of its own with a request on the way."""
    connection = socket.create_connection(("127.0.0.1", urlsplit(client.url).port or 0), timeout=60)
    path = f"/api/v2/sessions/{session_id}/events"
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\n\r\n".encode())
    return connection


def _status(connection: socket.socket) -> bytes:
    return connection.recv(65536).split()[1]


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


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with one key."""
    file = tmp_path / "keys"
    file.write_text(f"{IN_FILE}\n", encoding="utf-8")
    return file


@pytest.fixture
def rotating(running_stack: Stack, file: Path) -> Iterator[OwnProxy]:
    """A proxy of the test's own with that file, and one key beside it."""
    with own_proxy(running_stack.postgrest_url, {"API_KEYS": FIRST, "API_KEYS_FILE": str(file)}) as proxy:
        yield proxy


def opening(proxy: OwnProxy, session_id: UUID) -> set[str]:
    """Which keys open."""
    keys = (*KEYS, WRONG)
    return {key for key, status in zip(keys, _statuses(proxy, session_id, *keys), strict=True) if status == 200}


def _statuses(proxy: OwnProxy, session_id: UUID, *keys: str) -> list[int]:
    """What each key gets, all at once, since wrong ones wait."""
    with ThreadPoolExecutor(len(keys)) as pool:
        return [
            answer.status_code for answer in pool.map(lambda key: _get(proxy.client, session_id, key.encode()), keys)
        ]


@pytest.mark.parametrize("how", ["written", "replaced"])
def test_rotated(rotating: OwnProxy, session_id: UUID, file: Path, how: str) -> None:
    """A key should open as soon as it stands in the file, and no longer once it is gone, without a restart."""
    pid = rotating.process.pid
    assert opening(rotating, session_id) == {FIRST, IN_FILE}
    for keys in ({IN_FILE, SECOND}, {SECOND, FOREIGN}, {IN_FILE}):
        other = file if how == "written" else file.with_suffix(".new")
        other.write_text("\n".join(keys), encoding="utf-8")
        other.replace(file)
        assert opening(rotating, session_id) == {FIRST, *keys}
    assert psutil.Process(pid).is_running()
    assert not any(key in rotating.process.log_path.read_text(encoding="utf-8") for key in (*KEYS, WRONG))


def _remove(file: Path) -> None:
    file.unlink()


def _make_directory(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _empty(file: Path) -> None:
    file.write_text("\n")


def _write_no_text(file: Path) -> None:
    file.write_bytes(SECOND.encode() + b"\xff\n")


@pytest.mark.parametrize("spoil", [_remove, _make_directory, _empty, _write_no_text])
def test_spoilt_file(rotating: OwnProxy, session_id: UUID, file: Path, spoil: Callable[[Path], None]) -> None:
    """A file that is no longer one with keys should leave the old ones, be said once, and be read again when mended."""
    spoil(file)
    assert opening(rotating, session_id) == {FIRST, IN_FILE}
    log = rotating.process.log_path.read_text(encoding="utf-8")
    said = f'"level": "error".*API_KEYS_FILE is .{file}., which .*; the keys of before stay'
    assert len(re.findall(said, log)) == 1
    assert not any(key in log for key in (*KEYS, WRONG))
    if file.is_dir():
        file.rmdir()
    file.write_text(SECOND, encoding="utf-8")
    assert opening(rotating, session_id) == {FIRST, SECOND}


def test_rotated_in_every_process(running_stack: Stack, session_id: UUID, file: Path) -> None:
    """Each of several processes should read the file again."""
    with own_proxy(running_stack.postgrest_url, {"API_KEYS_FILE": str(file), "PROXY_WORKERS": "3"}) as proxy:
        # A connection each, which the kernel spreads.
        assert set(_statuses(proxy, session_id, *[IN_FILE] * 12)) == {200}
        file.write_text(SECOND, encoding="utf-8")
        assert set(_statuses(proxy, session_id, *[IN_FILE] * 12)) == {401}
        assert set(_statuses(proxy, session_id, *[SECOND] * 12)) == {200}


def _get(client: Client, session_id: UUID, key: bytes) -> requests.Response:
    path = f"/api/v2/sessions/{session_id}/events"
    return wire.get(client.url, path.encode(), b"X-API-Key: " + key)
