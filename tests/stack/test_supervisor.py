"""What dies under a running stack is started again; what cannot be started is reported, and not spun."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psutil
import psycopg
import pytest
import requests

from stack import binaries, postmaster
from stack.binaries import REPOSITORY
from stack.process import alive, plain_environment, recorded
from tests.support.client import Client
from tests.support.rows import add_events, add_session, newest_first, spread
from tests.support.waiting import wait_until

from .conftest import Commands

PARTS = ("postgres", "postgrest", "proxy")


def _process(commands: Commands, part: str) -> psutil.Process | None:
    if part == "postgres":
        return postmaster.running(commands.directory / "postgres")
    return recorded(commands.directory / f"{part}.pid")


def _kill(commands: Commands, part: str) -> psutil.Process:
    process = _process(commands, part)
    assert process is not None
    process.kill()
    return process


def _suspend(commands: Commands, part: str) -> psutil.Process:
    process = _process(commands, part)
    assert process is not None
    process.suspend()
    return process


def _status(commands: Commands) -> dict[str, list[str]]:
    """What `status` says of each part: state, pid, uptime, restarts and the rest, in words."""
    lines = [line.split() for line in commands("status").stdout.splitlines()]
    return {words[0]: words[1:] for words in lines[1:]}


def _session(commands: Commands) -> tuple[UUID, list[str]]:
    """A committed session; its id and those of its events, newest first."""
    events = spread(5)
    with psycopg.connect(commands.environment()["DATABASE_URL"]) as connection:
        session_id = add_session(connection)
        add_events(connection, session_id, events)
    return session_id, newest_first(events)


def _answered(client: Client, session_id: UUID) -> bool:
    """Whether a poll is; while a part is away nothing but 503 and a closed port may be seen."""
    try:
        answer = client.get(session_id)
    except requests.ConnectionError:
        return False
    assert answer.status_code in {200, 503}
    return answer.status_code == 200


@pytest.fixture(scope="module")
def commands(make_prepared: Callable[[], Commands]) -> Iterator[Commands]:
    """Commands for a stack that is up."""
    commands = make_prepared()
    commands.up()
    wait_until(lambda: commands("status").returncode == 0, "the supervisor has asked every part")
    yield commands
    commands("down")


@pytest.mark.parametrize("part", PARTS)
def test_killed(commands: Commands, part: str) -> None:
    """After a kill -9 of a part it should be started again by itself, and polls come back at the same address."""
    environment, before = commands.environment(), _status(commands)
    (session_id, ids), client = _session(commands), Client(environment["PROXY_URL"])
    with client.session:
        killed = _kill(commands, part)
        wait_until(lambda: _process(commands, part) not in {None, killed}, f"another {part} runs")
        wait_until(lambda: _answered(client, session_id), "a poll is answered")
        assert client.ids(session_id) == ids
    assert commands.environment() == environment
    wait_until(lambda: commands("status").returncode == 0, "all is well")
    after = _status(commands)
    # Without a database PostgREST ends too, and waits for it.
    others = [each for each in PARTS if each != part and (part, each) != ("postgres", "postgrest")]
    assert [after[each][:2] for each in others] == [before[each][:2] for each in others]
    assert (after[part][0], int(after[part][3])) == ("running", int(before[part][3]) + 1)
    assert f"Z {part} ended; is started again in 0 s" in (commands.directory / "stack.log").read_text()


def test_paused(commands: Commands) -> None:
    """A part that does not answer for long should be reported; it is replaced, but for a database."""
    (session_id, ids), client = _session(commands), Client(commands.environment()["PROXY_URL"])
    wait_until(lambda: commands("status").returncode == 0, "all is well")
    paused = {part: _suspend(commands, part) for part in PARTS}
    try:
        wait_until(lambda: _status(commands)["postgres"][0] == "hung", "the database is reported")
        wait_until(lambda: _process(commands, "proxy") not in {None, paused["proxy"]}, "another proxy runs")
        wait_until(lambda: "once it can be: connection timeout" in commands("status").stdout, "PostgREST has to wait")
        assert _status(commands)["postgres"][1] == str(paused["postgres"].pid)
    finally:
        paused["postgres"].resume()
    with client.session:
        wait_until(lambda: _answered(client, session_id), "a poll is answered")
        assert client.ids(session_id) == ids
    wait_until(lambda: commands("status").returncode == 0, "all is well")
    assert "Z proxy runs, and has not answered for 10 s" in (commands.directory / "stack.log").read_text()


def test_all_killed_at_once(commands: Commands) -> None:
    """After a kill -9 of all parts together polls should come back too."""
    (session_id, ids), client = _session(commands), Client(commands.environment()["PROXY_URL"])
    with client.session:
        for killed in [_kill(commands, part) for part in PARTS]:
            wait_until(lambda killed=killed: not alive(killed), "it has ended")  # type: ignore[misc]
        wait_until(lambda: _answered(client, session_id), "a poll is answered")
        assert client.ids(session_id) == ids


def test_status(commands: Commands) -> None:
    """`status` should name each part with its real pid, its uptime and restarts, and whether polls are answered."""
    wait_until(lambda: commands("status").returncode == 0, "all is well")
    result = commands("status")
    assert result.stderr == ""
    rows = _status(commands)
    for part in PARTS:
        process = _process(commands, part)
        assert process is not None
        assert rows[part][:2] == ["running", str(process.pid)]
        assert re.fullmatch(r"\d:\d\d:\d\d \d+", " ".join(rows[part][2:]))
    assert rows["stack"][:2] == ["running", str(commands.processes()["stack"].pid)]
    assert result.stdout.endswith(f"\n{commands.environment()['PROXY_URL']}/ready: yes\n")


def test_status_when_nothing_is_up(make_commands: Callable[[], Commands]) -> None:
    """`status` where nothing is up should say so, and fail."""
    result = make_commands()("status")
    assert (result.returncode, result.stdout) == (1, "")
    assert "the stack is not up" in result.stderr


@dataclass(frozen=True)
class Breakable:
    """A stack whose PostgREST can be made one that does not start."""

    commands: Commands
    program: Path

    def work(self) -> None:
        """Installs a PostgREST that starts."""
        self._install(f'exec {binaries.postgrest()} "$@"')

    def fail(self) -> None:
        """Installs one that ends at once, and kills the one that runs."""
        self._install("exit 3")
        _kill(self.commands, "postgrest")

    def _install(self, line: str) -> None:
        script = self.program.with_suffix(".script")
        script.write_text(f"#!/bin/sh\n{line}\n")
        script.chmod(0o755)
        script.replace(self.program)


@pytest.fixture(scope="module")
def breakable(make_prepared: Callable[[], Commands], tmp_path_factory: pytest.TempPathFactory) -> Breakable:
    """A stack that is up, with a PostgREST of its own."""
    breakable = Breakable(make_prepared(), tmp_path_factory.mktemp("bin") / "postgrest")
    breakable.work()
    breakable.commands.up({"POSTGREST_BIN": str(breakable.program)})
    return breakable


def test_cannot_be_started(breakable: Breakable) -> None:
    """A PostgREST that no longer starts should be tried ever more seldom, and reported until it starts again."""
    commands = breakable.commands
    (session_id, ids), client = _session(commands), Client(commands.environment()["PROXY_URL"])
    with client.session:
        breakable.fail()
        wait_until(lambda: _status(commands)["postgrest"][0] == "failing", "it is reported")
        breakable.program.chmod(0o644)
        reason = f"Permission denied: '{breakable.program}'"
        wait_until(lambda: reason in commands("status").stdout, "the reason is reported")
        assert client.get(session_id).status_code == 503
        result = commands("status")
        assert result.returncode == 1
        assert result.stdout.endswith("/ready: no\n")
        breakable.work()
        wait_until(lambda: _answered(client, session_id), "a poll is answered")
        assert client.ids(session_id) == ids
        wait_until(lambda: commands("status").returncode == 0, "it is no longer reported")
    pauses = re.findall(r"postgrest ended; is started again in (\S+) s", (commands.directory / "stack.log").read_text())
    assert [float(pause) for pause in pauses] == [0, *(min(0.5 * 2**n, 30) for n in range(len(pauses) - 1))]


def test_down_while_it_cannot_be_started(breakable: Breakable) -> None:
    """`down` should end everything while a part waits to be started again, paused parts too, and start nothing more."""
    breakable.fail()
    wait_until(lambda: _status(breakable.commands)["postgrest"][0] == "failing", "it is reported")
    for part in ("postgres", "proxy"):
        _suspend(breakable.commands, part)
    _assert_down_leaves_nothing(breakable.commands)
    assert "database system is shut down" in (breakable.commands.directory / "postgres" / "server.log").read_text()


def test_supervisor_killed(commands: Commands) -> None:
    """Without the process that looks after the parts `status` should say so; `down` should still end everything."""
    commands.processes()["stack"].kill()
    result = commands("status")
    assert (result.returncode, _status(commands)["stack"][0]) == (1, "dead")
    _assert_down_leaves_nothing(commands)


def test_demo(make_prepared: Callable[[], Commands], tmp_path: Path) -> None:
    """The demo should start again what dies too, and leave nothing after Ctrl-C."""
    commands, log = make_prepared(), tmp_path / "demo.log"
    with log.open("wb") as output:
        demo = subprocess.Popen(
            [sys.executable, "-m", "demo", "--directory", str(commands.directory)],
            cwd=REPOSITORY,
            env={**plain_environment(), "PROXY_PORT": "0"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until((commands.directory / "stack.env").exists, "the demo is up")
        url = commands.environment()["PROXY_URL"]
        killed = _kill(commands, "proxy")
        wait_until(lambda: _process(commands, "proxy") not in {None, killed}, "another proxy runs")
        wait_until(lambda: commands("status").returncode == 0, "all is well")
        assert commands.environment()["PROXY_URL"] == url
        demo.send_signal(signal.SIGINT)
        assert demo.wait(60) == 0
    finally:
        demo.kill()
        demo.wait()
    assert "Z proxy was started again" in log.read_text()
    _assert_nothing_left(commands)


def _assert_down_leaves_nothing(commands: Commands) -> None:
    result = commands("down")
    assert (result.returncode, result.stderr) == (0, "")
    _assert_nothing_left(commands)


def _assert_nothing_left(commands: Commands) -> None:
    assert commands.processes() == {}
    left = {file.name for file in commands.directory.iterdir()}
    assert not [
        name for name in left if name.endswith((".pid", ".env", ".sockets", ".status", ".new")) or name == "run"
    ]
