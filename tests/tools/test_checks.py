"""tools/check-*: what each refuses, in a repository of two folders."""

import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from stack.binaries import REPOSITORY

CLEAN = {
    "recorder/limits.py": "LONGEST = 10\n_SHORTEST = 1\n",
    "recorder/lines.py": (
        "from recorder.limits import LONGEST\n\n\ndef cut() -> int:\n"
        '    """Returns where a line is cut."""\n    return LONGEST\n'
    ),
    "notes.md": f"| {'a wide table ' * 20}|\n",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository in which there is nothing to refuse."""
    (tmp_path / "tools").mkdir()
    for script in (REPOSITORY / "tools").glob("check-*"):
        shutil.copy(script, tmp_path / "tools")
    for name, text in CLEAN.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    return tmp_path


def check(repository: Path, name: str) -> tuple[int, str]:
    """The status of a check, and what it says."""
    command = [repository / "tools" / name]
    result = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return result.returncode, result.stdout


@pytest.mark.parametrize("name", ["check-lines", "check-portable", "check-python"])
def test_nothing_to_refuse(repository: Path, name: str) -> None:
    """A repository as it should be should pass in silence."""
    assert check(repository, name) == (0, "")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "from stack.errors import StackError\n",
            "1: recorder does not stand above stack, and may not import stack.errors",
        ),
        (
            "import tests.support.rows\n",
            "1: recorder does not stand above tests, and may not import tests.support.rows",
        ),
        ("WIDTH: int = 80\n", "1: only this module uses WIDTH: call it _WIDTH"),
        ('class A:\n    def b(self) -> int:\n        """Return 1."""\n', "2: the docstring of b commands (Return)"),
    ],
)
def test_python(repository: Path, text: str, fault: str) -> None:
    """What points up, what is public for nobody, and what commands should be refused with its place."""
    (repository / "recorder" / "new.py").write_text(text)
    status, said = check(repository, "check-python")
    assert (status, said.count("\n")) == (1, 1)
    assert said.startswith(f"recorder/new.py:{fault}")


def test_lines(repository: Path) -> None:
    """A line of 121 characters should be refused with its place, one of 120, in more bytes, not."""
    (repository / "query.sql").write_text(f"select 1;\n-- {'é' * 117}\n-- {'é' * 118}\n")
    status, said = check(repository, "check-lines")
    assert (status, said.splitlines()[0].split(":")[:2]) == (1, ["query.sql", "3"])


def test_biome_beside_a_running_stack(tmp_path: Path) -> None:
    """The linter of scripts and styles should not look at what `make up` makes: it takes a socket for a fault."""
    sockets, project = tmp_path / "sockets", tmp_path / "project"
    for folder in (sockets, project, project / ".local", project / "examples"):
        folder.mkdir()
    shutil.copy(REPOSITORY / "biome.json", project)
    (project / "examples" / "one.js").write_text("export const one = 1;\n")
    (project / ".local" / "run").symlink_to(sockets)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(sockets / "postgrest"))
        command = [str(REPOSITORY / "node_modules/.bin/biome"), "check", "--error-on-warnings"]
        result = subprocess.run(command, cwd=project, check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
