"""`python -m stack` in a directory of the tests' own, so that a developer's running stack is left alone."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from stack import background
from stack.binaries import REPOSITORY
from stack.process import plain_environment, recorded
from tests.support.prepared import PrivateDirectory

PATIENCE_SECONDS = 120
PARTS = ("stack", "proxy", "postgrest")


@dataclass(frozen=True)
class Commands:
    """Calls `python -m stack` for one directory, as make does for `.local`."""

    directory: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, command: str, *arguments: str, env: Mapping[str, str] = {}) -> subprocess.CompletedProcess[str]:
        """One command and what it said; PROXY_PORT is any free port unless `env` says otherwise."""
        return subprocess.run(
            [sys.executable, "-m", "stack", "--directory", str(self.directory), command, *arguments],
            cwd=REPOSITORY,
            env={**plain_environment(), "PROXY_PORT": "0", **self.env, **env},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def up(self, env: Mapping[str, str] = {}) -> dict[str, str]:
        """`up`, which must succeed; what stack.env says then."""
        result = self("up", env=env)
        assert result.returncode == 0, result.stderr
        return self.environment()

    def environment(self) -> dict[str, str]:
        """What stack.env says."""
        return background.environment(self.directory)

    def processes(self) -> dict[str, psutil.Process]:
        """Every part that runs, PostgreSQL with all of its children."""
        found = {name: recorded(self.directory / f"{name}.pid") for name in PARTS}
        running = {name: process for name, process in found.items() if process is not None}
        home = (self.directory / "postgres").resolve()
        servers = [process for process in psutil.process_iter() if _works_in(process, home)]
        return {**running, **{f"postgres {process.pid}": process for process in servers}}

    def kill(self) -> None:
        """Sends SIGKILL to every part; PostgreSQL's children end by themselves when their parent has."""
        for process in self.processes().values():
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def sockets(self) -> list[Path]:
        """The sockets and socket directories that the stack says it has."""
        links = [self.directory / name for name in ("run", "postgres.sockets")]
        return [file for link in links if link.exists() for file in (link.resolve(), *link.iterdir())]

    def remove(self) -> None:
        """Ends what runs and removes the data, wherever it is."""
        self("down")
        shutil.rmtree((self.directory / "postgres").resolve(), ignore_errors=True)


def _works_in(process: psutil.Process, directory: Path) -> bool:
    try:
        return Path(process.cwd()) == directory
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


@pytest.fixture(scope="session")
def make_commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Commands]]:
    """Makes commands for a new directory, and ends what they started."""
    made: list[Commands] = []

    def make() -> Commands:
        made.append(Commands(tmp_path_factory.mktemp("local")))
        return made[-1]

    yield make
    for commands in made:
        commands.remove()


@pytest.fixture(scope="session")
def make_prepared(prepared: PrivateDirectory) -> Iterator[Callable[[], Commands]]:
    """Makes commands for a directory in which a stack was up before, and ends what they started."""
    with ExitStack() as made:

        def make() -> Commands:
            commands = Commands(made.enter_context(prepared()))
            made.callback(commands, "down")
            return commands

        yield make


@pytest.fixture(scope="session")
def commands(make_commands: Callable[[], Commands]) -> Commands:
    """Commands for one directory that most tests share; each brings its stack up itself."""
    return make_commands()
