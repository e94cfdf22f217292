"""The Python client's wheel in an environment of its own, used as its README says."""

import re
import subprocess
import zipfile
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from stack.binaries import REPOSITORY
from stack.proxy import proxy
from stack.whole import Stack
from tests.examples.program import lines, running
from tests.support.client import Client
from tests.support.rows import Event, add_events, add_session, spread
from tests.support.wheels import build_wheel, environment_with, run

SOURCE = REPOSITORY / "clients" / "python"
SNIPPETS = re.findall(r"^```python\n(.*?)^```", (SOURCE / "README.md").read_text(), re.DOTALL | re.MULTILINE)
Writer = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel."""
    return build_wheel(SOURCE, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a fresh environment with the wheel."""
    return environment_with(wheel, tmp_path_factory.mktemp("environment")) / "bin" / "python"


def _program(
    python: Path, snippet: int, *arguments: str | Path, key: str = ""
) -> AbstractContextManager[subprocess.Popen[str]]:
    """A snippet of the README, as a program of its own."""
    return running([python, "-c", SNIPPETS[snippet], *arguments], {"API_KEY": key} if key else {})


def test_wheel(wheel: Path, python: Path, tmp_path: Path) -> None:
    """The wheel should hold every file, with types and licence, and be what the environment takes."""
    files = {path.relative_to(SOURCE).as_posix() for path in SOURCE.glob("session_events_client/*.*")}
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    assert {file for file in packed if ".dist-info/" not in file} == files
    assert "session_events_client/py.typed" in packed
    assert [name for name in packed if name.endswith("/LICENSE")]
    place = run(python, "-c", "import session_events_client as it; print(it.__file__)", cwd=tmp_path)
    assert place.startswith(str(python.parents[1]))


def test_follow_a_session(python: Path, running_stack: Stack, client: Client, writer: Writer) -> None:
    """The first snippet should print what comes, with a key, and then how the session ended; without it, why not."""
    session_id = add_session(writer)
    with proxy(running_stack.postgrest_url, env={"API_KEYS": "open-sesame"}) as locked:
        url = client.events_url(session_id).replace(client.url, locked.url)
        with _program(python, 0, url, key="open-sesame") as process:
            add_events(writer, session_id, spread(2))
            assert [line.split(" ", 1)[1] for line in lines(process, 2)] == ["info info 0", "info info 1"]
        empty = url.replace(str(session_id), str(add_session(writer, status="failed")))
        with _program(python, 0, empty, key="open-sesame") as process:
            assert process.communicate(timeout=60) == ("session failed\n", "")
        with _program(python, 0, empty) as process:
            refused = "unauthorized: Send a valid API key in the header X-API-Key.\n"
            assert process.communicate(timeout=60) == ("", refused)
            assert process.returncode == 1


def test_asyncio(python: Path, client: Client, writer: Writer) -> None:
    """The snippet for asyncio should print the events of its type."""
    session_id = add_session(writer)
    add_events(writer, session_id, [*spread(1), *spread(1, event_type="error")])
    with _program(python, 1, client.events_url(session_id)) as process:
        assert [line.split(" ", 1)[1] for line in lines(process, 1)] == ["error error 0"]


def test_saved_cursor(python: Path, client: Client, writer: Writer, tmp_path: Path) -> None:
    """The snippet with a saved cursor should go on where it was, and say that it begins again where that is lost."""
    session_id = add_session(writer)
    url, saved = client.events_url(session_id), tmp_path / "cursor"
    for number in range(2):
        add_events(writer, session_id, [Event(message=f"number {number}")])
        with _program(python, 2, url, saved) as process:
            assert lines(process, 1) == [f"number {number}"]
            # A line of what it does next comes once it has saved.
            assert process.stderr is not None
            assert [process.stderr.readline() for _ in range(2)] == ["live \n", "live \n"]
    writer.execute("select events_internal.begin_new_history()")
    with _program(python, 2, url, saved) as process:
        assert sorted(lines(process, 2)) == ["number 0", "number 1"]
        assert process.stderr is not None
        assert process.stderr.readline().startswith("restarted ")
