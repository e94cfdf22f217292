"""`make up`: returns once it answers, and says where."""

import socket
import stat
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psycopg
import pytest
import requests

from tests.support.client import Client
from tests.support.rows import add_events, add_session, spread

from .conftest import Commands

KEY = "a-secret-key"


@dataclass(frozen=True)
class Configured:
    """A stack that was told more than nothing: how, and what `up` said."""

    commands: Commands
    port: int
    result: subprocess.CompletedProcess[str]


def test_answers(commands: Commands) -> None:
    """Once it returns, the proxy should be healthy and serve what the tables' owner writes."""
    environment = commands.up()
    health = requests.get(f"{environment['PROXY_URL']}/health", timeout=60)
    assert (health.status_code, health.json()) == (200, {"status": "ok"})
    with psycopg.connect(environment["DATABASE_URL"]) as connection:
        session_id = add_session(connection)
        add_events(connection, session_id, spread(3))
    client = Client(environment["PROXY_URL"])
    with client.session:
        assert client.page(session_id)["pagination"]["total"] == 3


def test_stack_env(commands: Commands) -> None:
    """stack.env should hold the three addresses, be readable by its owner only, and be what a shell takes."""
    environment = commands.up()
    assert set(environment) == {"PROXY_URL", "DATABASE_URL", "POSTGREST_URL"}
    assert environment["PROXY_URL"].startswith("http://127.0.0.1:")
    with psycopg.connect(environment["DATABASE_URL"]) as connection:
        owners = connection.execute("select tableowner from pg_tables where schemaname = 'public'").fetchall()
        assert {owner for (owner,) in owners} == {connection.info.user}
    socket_path = environment["POSTGREST_URL"].removeprefix("unix://")
    with socket.socket(socket.AF_UNIX) as way:
        way.connect(socket_path)
    assert stat.S_IMODE((commands.directory / "stack.env").stat().st_mode) == 0o600


def test_again(commands: Commands) -> None:
    """A second `up` should say that it is up, and start and change nothing."""
    environment, processes = commands.up(), commands.processes()
    result = commands("up")
    assert (result.returncode, result.stdout) == (0, f"already up: {environment['PROXY_URL']}\n")
    assert commands.environment() == environment
    assert commands.processes()["proxy"] == processes["proxy"]


@pytest.fixture(scope="module")
def configured(make_prepared: Callable[[], Commands]) -> Iterator[Configured]:
    """A stack on a port of our choice and with an API key."""
    commands = make_prepared()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    result = commands("up", env={"PROXY_PORT": str(port), "API_KEYS": KEY})
    yield Configured(commands, port, result)
    commands("down")


def test_fixed_port(configured: Configured) -> None:
    """PROXY_PORT should be the proxy's port."""
    assert configured.commands.environment()["PROXY_URL"] == f"http://127.0.0.1:{configured.port}"


def test_api_keys(configured: Configured) -> None:
    """API_KEYS should be the keys that the proxy asks for."""
    url = Client(f"http://127.0.0.1:{configured.port}").events_url("nonsense")
    assert requests.get(url, timeout=60).status_code == 401
    assert requests.get(url, headers={"X-API-Key": KEY}, timeout=60).status_code == 400


def test_says_where(configured: Configured) -> None:
    """What `up` prints should hold the addresses, but neither the database's password nor a key."""
    assert (configured.result.returncode, configured.result.stderr) == (0, "")
    assert f"PROXY_URL=http://127.0.0.1:{configured.port}\n" in configured.result.stdout
    assert "DATABASE_URL=postgresql://" in configured.result.stdout
    assert not [secret for secret in _secrets(configured.commands) if secret in configured.result.stdout]


def test_no_secret_where_others_read(configured: Configured) -> None:
    """No password and no key should stand in a command line or a log."""
    lines = [" ".join(process.cmdline()) for process in configured.commands.processes().values()]
    assert len(lines) > 3
    logs = [log.read_text(errors="replace") for log in configured.commands.directory.rglob("*.log")]
    assert len(logs) > 2
    assert not [text for text in (*lines, *logs) for secret in _secrets(configured.commands) if secret in text]


def _secrets(commands: Commands) -> list[str]:
    return [KEY, (commands.directory / "postgres.password").read_text()]


def test_port_taken(make_commands: Callable[[], Commands]) -> None:
    """A taken port should be said before anything is started, with the variable that changes it."""
    commands = make_commands()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = commands("up", env={"PROXY_PORT": str(port)})
    assert result.returncode == 1
    assert f"PROXY_PORT {port} is taken" in result.stderr
    assert "Traceback" not in result.stderr
    assert commands.processes() == {}
    assert not (commands.directory / "postgres").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PROXY_PORT", "http"),
        ("PROXY_PORT", "65536"),
        ("PROXY_HOST", "203.0.113.9"),
        ("PROXY_HOST", "nonsense.invalid"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "postgresql://127.0.0.1:1/product"),
        ("POSTGREST_BIN", "/nowhere"),
        ("API_KEYS_FILE", "/nowhere"),
    ],
)
def test_wrong_setting(commands: Commands, name: str, value: str) -> None:
    """A wrong setting should end it with a message that names the variable, and leave nothing running."""
    commands("down")
    result = commands("up", env={name: value})
    assert result.returncode == 1
    assert name in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.splitlines()) <= 2, "what is wrong, and what a part said of it"
    assert commands.processes() == {}
    assert not (commands.directory / "stack.env").exists()


def test_two_at_once(commands: Commands) -> None:
    """Two calls at the same time should end with one stack."""
    commands("down")
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: commands("up"), range(2)))
    assert [result.returncode for result in results] == [0, 0]
    assert sum(result.stdout.startswith("already up") for result in results) == 1
    assert len([name for name in commands.processes() if not name.startswith("postgres ")]) == 3
