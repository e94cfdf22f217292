"""A copy of the repository, as somebody works in it: its files can be changed, and a stack of its own runs there."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stack.binaries import REPOSITORY
from stack.datadir import private_directory
from stack.migrations import DEPLOYER
from stack.process import plain_environment

NOT_COPIED = shutil.ignore_patterns(".*_cache", "__pycache__", ".git", ".hypothesis", ".local", ".venv", "node_modules")
SETTINGS = {
    **DEPLOYER,
    "GIT_AUTHOR_NAME": "dba",
    "GIT_AUTHOR_EMAIL": "dba@localhost",
    "GIT_COMMITTER_NAME": "dba",
    "GIT_COMMITTER_EMAIL": "dba@localhost",
    "PGOPTIONS": "-c synchronous_commit=off",  # nothing here has to outlive a crash
    "PROXY_PORT": "0",
}


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it printed to both of its outputs."""

    returncode: int
    output: str


@dataclass(frozen=True)
class Workplace:
    """The copy in `directory`; commands keep the environment that earlier ones have exported."""

    directory: Path

    def bash(self, script: str) -> Ran:
        """Runs a script in the copy, as a part of one long shell session."""
        saved = self.directory / ".local" / "environment"
        return self._run(
            ["bash", "-euo", "pipefail", "-c", f"source {saved}\n{script}\nexport -p >{saved}"],
            given="",
            env=plain_environment(),
        )

    def psql(self, text: str) -> Ran:
        """Gives a text to psql, as `make psql` opens it."""
        command = ["psql", "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--set=session={self.variable('SESSION')}"]
        return self._run(command, given=text, env=self.environment())

    def variable(self, name: str) -> str:
        """What the shell session has exported; empty if nothing."""
        return self.environment().get(name, "")

    def environment(self) -> dict[str, str]:
        """All that the shell session has exported."""
        saved = self.directory / ".local" / "environment"
        printed = subprocess.run(
            ["bash", "-c", f"source {saved}; env -0"],
            check=True,
            capture_output=True,
            text=True,
            env=plain_environment(),
        )
        return dict(word.split("=", 1) for word in printed.stdout.rstrip("\0").split("\0"))

    def _run(self, command: list[str], *, given: str, env: Mapping[str, str]) -> Ran:
        result = subprocess.run(
            command,
            check=False,
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.directory,
            env=env,
        )
        return Ran(result.returncode, result.stdout)


@contextmanager
def workplace() -> Iterator[Workplace]:
    """A copy of the working tree with one commit, and no stack yet."""
    with private_directory() as parent:
        directory = parent / "session-events-api"
        shutil.copytree(REPOSITORY, directory, ignore=NOT_COPIED)
        (directory / ".venv").symlink_to(sys.prefix)
        (directory / "node_modules").symlink_to(REPOSITORY / "node_modules")
        # What the tests run with is installed, and must not be replaced through the links.
        (directory / "tools" / "install").write_text("#!/bin/sh\n")
        (directory / ".local").mkdir()
        exports = "".join(f"export {name}='{value}'\n" for name, value in {**SETTINGS, "HOME": str(parent)}.items())
        (directory / ".local" / "environment").write_text(exports)
        copy = Workplace(directory)
        copy.bash("git init --quiet && git add --all && git commit --quiet --message 'As it is deployed'")
        yield copy
