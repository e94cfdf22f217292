"""Settings that stop the start, and what they say."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from proxy.settings import Settings, SettingsError, from_environment
from stack.binaries import REPOSITORY

SECRET = "a-secret-key"

WRONG = {
    "POSTGREST_URL missing": {"POSTGREST_URL": ""},
    "POSTGREST_URL of no kind": {"POSTGREST_URL": "ftp://host/"},
    "POSTGREST_URL without a path": {"POSTGREST_URL": "unix://"},
    "POSTGREST_URL of half an address": {"POSTGREST_URL": "http://[::1"},
    "POSTGREST_URL with a port in letters": {"POSTGREST_URL": "http://127.0.0.1:rest"},
    "PROXY_PORT in letters": {"PROXY_PORT": "http"},
    "PROXY_PORT too large": {"PROXY_PORT": "65536"},
    "PROXY_PORT empty": {"PROXY_PORT": ""},
    "PROXY_PORT as Python writes it": {"PROXY_PORT": "80_80"},
    "PROXY_PORT in other digits": {"PROXY_PORT": "\u0668\u0660"},
    "PROXY_BASE_PATH without a slash": {"PROXY_BASE_PATH": "session-events"},
    "PROXY_BASE_PATH of an address": {"PROXY_BASE_PATH": "https://shop.example/"},
    "PROXY_BASE_PATH that goes up": {"PROXY_BASE_PATH": "/events/.."},
    "PROXY_BASE_PATH with a pattern": {"PROXY_BASE_PATH": "/{session_id}"},
    "PROXY_BASE_PATH with a query": {"PROXY_BASE_PATH": '/a"?b'},
    "MAX_RESPONSE_BYTES of zero": {"MAX_RESPONSE_BYTES": "0"},
    "MAX_RESPONSE_BYTES with a unit": {"MAX_RESPONSE_BYTES": "128 MiB"},
    "REQUEST_TIMEOUT of zero": {"REQUEST_TIMEOUT": "0"},
    "REQUEST_TIMEOUT not a number": {"REQUEST_TIMEOUT": "nan"},
    "REQUEST_TIMEOUT negative": {"REQUEST_TIMEOUT": "-1"},
    "PGRST_DB_POOL of two": {"PGRST_DB_POOL": "2"},
    "PGRST_DB_POOL in letters": {"PGRST_DB_POOL": "many"},
    "PROXY_WORKERS of none": {"PROXY_WORKERS": "0"},
    "PROXY_WORKERS more than the pool is for": {"PROXY_WORKERS": "4"},
    "PROXY_ACCESS_LOG in words": {"PROXY_ACCESS_LOG": "on"},
    "PROXY_ACCESS_LOG of more than all": {"PROXY_ACCESS_LOG": "2"},
    "POLLS_PER_CALL of none": {"POLLS_PER_CALL": "0"},
    "CORS_ALLOW_ORIGINS with a path": {"CORS_ALLOW_ORIGINS": "https://shop.example/"},
    "CORS_ALLOW_ORIGINS without a scheme": {"CORS_ALLOW_ORIGINS": "shop.example"},
    "CORS_ALLOW_ORIGINS with a pattern": {"CORS_ALLOW_ORIGINS": "https://*.example"},
    "CORS_ALLOW_ORIGINS of all and one": {"CORS_ALLOW_ORIGINS": "*, https://shop.example"},
    "PROXY_ALLOWED_HOSTS with a port": {"PROXY_ALLOWED_HOSTS": "events.example:443"},
    "PROXY_ALLOWED_HOSTS of an origin": {"PROXY_ALLOWED_HOSTS": "https://events.example"},
    "PROXY_ALLOWED_HOSTS with a pattern": {"PROXY_ALLOWED_HOSTS": "*.example"},
    "API_KEYS without a key": {"API_KEYS": " , "},
    "API_KEYS_FILE missing": {"API_KEYS_FILE": "/nowhere/keys"},
    "API_KEYS_FILE a directory": {"API_KEYS_FILE": "/"},
    "API_KEYS_FILE without a key": {"API_KEYS": SECRET, "API_KEYS_FILE": "/dev/null"},
    "PROXY_HOST for all, without keys": {"PROXY_HOST": "0.0.0.0"},  # noqa: S104  it must not be bound
    "PROXY_HOST for all by IPv6": {"PROXY_HOST": "::", "API_KEYS": ""},
    "PROXY_HOST by name": {"PROXY_HOST": "example.invalid"},
    "PROXY_HOST empty": {"PROXY_HOST": ""},
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong(name: str) -> None:
    """A wrong setting should be refused in a line that names the variable."""
    with pytest.raises(SettingsError) as refused:
        from_environment({"POSTGREST_URL": "unix:///nowhere", **WRONG[name]})
    message = str(refused.value)
    assert name.partition(" ")[0] in message
    assert len(message.splitlines()) == 1
    if name.startswith("PROXY_HOST"):
        assert "API_KEYS" in message


def _start(env: dict[str, str]) -> subprocess.Popen[str]:
    settings = {"POSTGREST_URL": "unix:///nowhere", "PROXY_PORT": "0", **env}
    return subprocess.Popen(
        [sys.executable, "-m", "proxy"],
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"], **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_wrong_stops_the_start() -> None:
    """A wrong setting should stop the start with such a line, and no other word."""
    process = _start({"PROXY_PORT": "http"})
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (2, "")
    assert stderr == "proxy: PROXY_PORT is 'http'; it must be a number from 0 to 65535\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POSTGREST_URL", "unix://run/postgrest.sock"),
        ("POSTGREST_URL", f"unix:///{'long/' * 30}postgrest.sock"),
        ("POSTGREST_URL", "http://:3000"),
        ("POSTGREST_URL", "http://127.0.0.1:0"),
        ("POSTGREST_URL", "http://127.0.0.1:3000/a b"),
        ("POSTGREST_URL", "http://127.0.0.1:3000/?schema=api"),
        ("PROXY_HOST", ""),
        ("CORS_ALLOW_ORIGINS", "https://Shop.example"),
        ("CORS_ALLOW_ORIGINS", "https://shop.example:web"),
        ("CORS_ALLOW_ORIGINS", "https://shop.example:443"),
        ("CORS_ALLOW_ORIGINS", "http://shop.example:80"),
    ],
)
def test_can_never_work(name: str, value: str) -> None:
    """What looks right and can never work, or means another thing, should be refused with the name of the variable."""
    with pytest.raises(SettingsError, match=f"^{name} is "):
        from_environment({"POSTGREST_URL": "unix:///nowhere", "API_KEYS": SECRET, name: value})


@pytest.mark.parametrize("origin", ["https://shop.example:8443", "http://[::1]:3000", "chrome-extension://abcdefgh"])
def test_origins(origin: str) -> None:
    """What a browser may send as its origin should be taken."""
    settings = from_environment({"POSTGREST_URL": "unix:///nowhere", "CORS_ALLOW_ORIGINS": origin})
    assert settings.cors_allow_origins == (origin,)


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A pipe into which nobody writes."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


def test_key_file_a_pipe(pipe: Path) -> None:
    """What is no file, and could be read for ever, should be refused."""
    process = _start({"API_KEYS_FILE": str(pipe)})
    try:
        _, stderr = process.communicate(timeout=10)
    finally:
        process.kill()
    assert process.returncode == 2
    assert "API_KEYS_FILE" in stderr


def test_port_taken() -> None:
    """A taken port should be said with the variable that changes it, and no key be shown on the way."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = _start({"PROXY_PORT": str(taken.getsockname()[1]), "API_KEYS": SECRET})
        stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (1, "")
    assert "PROXY_PORT" in stderr
    assert "Traceback" not in stderr
    assert SECRET not in stderr


def test_key_file_not_text(tmp_path: Path) -> None:
    """A key file that is no UTF-8 should be refused without showing what is in it."""
    file = tmp_path / "keys"
    file.write_bytes(SECRET.encode() + b"\xff\n")
    process = _start({"API_KEYS_FILE": str(file)})
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "API_KEYS_FILE" in stderr
    assert SECRET not in stderr


def test_pool_as_in_postgrest_conf() -> None:
    """Without PGRST_DB_POOL both sides should take the pool to be of the same size."""
    conf = (REPOSITORY / "postgrest.conf").read_text()
    assert re.findall(r"^db-pool = (\d+)$", conf, re.MULTILINE) == [str(Settings.db_pool)]
