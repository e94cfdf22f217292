"""What systemd hears of PostgREST, which does not speak to it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from pulse.postgrest import status
from pulse.silence import ANSWER_SECONDS
from stack import binaries
from stack.binaries import REPOSITORY
from stack.process import Program, end, plain_environment, wait_ready
from stack.rundir import run_directory
from stack.whole import Stack
from tests.support.long import long
from tests.support.manager import Manager, manager
from tests.support.waiting import wait_until

COMMAND = [sys.executable, "-m", "pulse"]
WATCHDOG = 10.0
NOWHERE = "postgresql:///nowhere?host=/nonexistent"
ALIVE = "WATCHDOG=1"
HUNG_SECONDS = 10
HANGS = f"STATUS=It has not answered for {HUNG_SECONDS} s.\nWATCHDOG=trigger"


@dataclass(frozen=True)
class Service:
    """PostgREST as its unit starts it, and what systemd hears of it."""

    program: Program
    systemd: Manager

    @property
    def process(self) -> psutil.Process:
        """What systemd takes for PostgREST."""
        return psutil.Process(self.program.pid)

    @property
    def child(self) -> psutil.Process:
        """The one that speaks for it."""
        (child,) = self.process.children()
        return child


@contextmanager
def _service(directory: Path, db_uri: str) -> Iterator[Service]:
    with run_directory(directory / "run") as run, manager(directory, watchdog=WATCHDOG) as systemd:
        settings = {"PGRST_DB_URI": db_uri, "PGRST_SERVER_UNIX_SOCKET": str(run / "postgrest")}
        command: list[str | Path] = [*COMMAND, binaries.postgrest(), REPOSITORY / "postgrest.conf"]
        env, log = {**plain_environment(), **settings, **systemd.environment}, directory / "postgrest.log"
        program = Program(command, env=env, log=log)
        try:
            wait_ready(program.process, lambda: systemd.hears() == ALIVE, log=log)
            yield Service(program, systemd)
        finally:
            end(program.process)


@pytest.fixture(scope="module")
def service(running_stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A PostgREST that has answered its child too."""
    directory = tmp_path_factory.mktemp("service")
    with _service(directory, running_stack.postgrest.program.env["PGRST_DB_URI"]) as started:
        path = Path(started.program.env["PGRST_SERVER_UNIX_SOCKET"])
        wait_until(lambda: status(path, 5) is not None, "it answers")
        started.systemd.forgets()
        assert [started.systemd.hears() for _ in range(2)] == 2 * [ALIVE]
        yield started


def test_alive(service: Service) -> None:
    """As long as it answers it should be alive, and be PostgREST itself for systemd."""
    assert service.systemd.hears(2 * ANSWER_SECONDS) == ALIVE
    assert Path(service.process.exe()).samefile(binaries.postgrest())


def test_paused(service: Service) -> None:
    """One that stands still for ten seconds should be said to hang, and be alive again when it goes on."""
    began = time.monotonic()
    service.process.suspend()
    wait_until(lambda: service.systemd.hears() == HANGS, "it hangs")
    assert time.monotonic() - began > HUNG_SECONDS - ANSWER_SECONDS
    service.process.resume()
    wait_until(lambda: service.systemd.hears() == ALIVE, "it is alive")


@long
def test_slow_to_start(tmp_path: Path) -> None:
    """One that does not answer yet, as its database hangs, should get a minute."""
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as database:
        uri = f"postgresql://127.0.0.1:{database.getsockname()[1]}/nowhere"
        with _service(tmp_path, uri) as service:
            wait_until(lambda: service.systemd.hears() == HANGS.replace("10", "60"), "it hangs", seconds=90)
    assert time.monotonic() - began > 50


def test_signals(service: Service) -> None:
    """Signals that all processes of the unit get should be PostgREST's own, and end nobody."""
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        for process in (service.child, service.process):
            os.kill(process.pid, number)
    service.systemd.forgets()
    assert service.systemd.hears() == ALIVE


def test_killed(tmp_path: Path) -> None:
    """When it is gone nobody should speak for it any more."""
    with _service(tmp_path, NOWHERE) as service:
        child = service.child
        service.program.kill()
        wait_until(lambda: not child.is_running(), "the child has ended")
        assert service.program.process.wait(60) == -signal.SIGKILL


def test_without_systemd(tmp_path: Path) -> None:
    """Without a systemd that listens it should be the program and nothing else, with its arguments and its end."""
    command = [*COMMAND, "/bin/sh", "-c", 'trap "exit 7" PIPE; kill -PIPE $$; exit 8']
    env = {**plain_environment(), "PGRST_SERVER_UNIX_SOCKET": str(tmp_path / "socket")}
    assert subprocess.run(command, cwd=REPOSITORY, env=env, check=False).returncode == 7


@pytest.mark.parametrize(
    ("arguments", "path", "end", "said"),
    [
        ([], "/run/socket", 2, "PROGRAM ARGUMENT"),
        (["/bin/true"], "", 2, "PGRST_SERVER_UNIX_SOCKET is where it answers, and must be set"),
        (["/nonexistent/postgrest"], "/run/socket", 1, "cannot run /nonexistent/postgrest: No such file"),
    ],
)
def test_called_wrongly(tmp_path: Path, arguments: list[str], path: str, end: int, said: str) -> None:
    """What is missing should be named, and nobody be left behind."""
    with manager(tmp_path, watchdog=WATCHDOG) as systemd:
        env = {**plain_environment(), **systemd.environment, **({"PGRST_SERVER_UNIX_SOCKET": path} if path else {})}
        # Waits for the child too, which has the other end of the pipe.
        command = [*COMMAND, *arguments]
        done = subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, said in done.stderr) == (end, True), done.stderr
