"""The built wheel, installed into an environment of its own: nothing of the repository is at hand there."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import requests

from stack.binaries import REPOSITORY
from stack.process import plain_environment, running
from stack.proxy import READY
from stack.whole import Stack
from tests.support.client import Client
from tests.support.rows import add_session
from tests.support.wheels import build_wheel, environment_with, run


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel."""
    return build_wheel(REPOSITORY, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel."""
    return environment_with(wheel, tmp_path_factory.mktemp("environment"))


@pytest.fixture(scope="module")
def installed(environment: Path, running_stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of the installed proxy."""
    log = tmp_path_factory.mktemp("log") / "proxy.log"
    env = {**plain_environment(), "POSTGREST_URL": running_stack.postgrest_url, "PROXY_PORT": "0"}
    command = [environment / "bin" / "session-events-proxy"]
    with running(command, env=env, log=log, ready=lambda: bool(READY.search(log.read_text()))):
        found = READY.search(log.read_text())
        assert found
        client = Client(found[1])
        with client.session:
            yield client


def test_holds_every_file(wheel: Path) -> None:
    """Every file of the proxy that is not made by running it should be in the wheel."""
    files = {path.relative_to(REPOSITORY).as_posix() for path in (REPOSITORY / "proxy").rglob("*") if path.is_file()}
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    assert {file for file in files if "__pycache__" not in file} - packed == set()
    assert not [name for name in packed if name.startswith(("stack/", "tests/", "bench/", "demo/"))]


def test_depends_on_what_it_imports(wheel: Path) -> None:
    """Its dependencies should be those that the repository runs with, so that pip installs them along."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        metadata = archive.read(name).decode()
    required = re.findall(r"^Requires-Dist: ([\w-]+)", metadata, re.MULTILINE)
    lines = (REPOSITORY / "requirements" / "runtime.in").read_text().splitlines()
    assert required == [re.split(r"[^\w-]", line)[0] for line in lines if not line.startswith("#")]


def test_comes_from_the_wheel(environment: Path, tmp_path: Path) -> None:
    """The environment should not find the repository's sources, else this topic would prove nothing."""
    place = run(environment / "bin" / "python", "-c", "import proxy; print(proxy.__file__)", cwd=tmp_path)
    assert place.startswith(str(environment))


def test_answers(installed: Client, writer: psycopg.Connection[Any]) -> None:
    """The installed proxy should answer polls, and /health."""
    assert installed.page(add_session(writer))["items"] == []
    assert installed.session.get(f"{installed.url}/health", timeout=60).status_code == 200


@pytest.mark.parametrize("path", ["/", "/sessions/8c6ea1d4-3a3c-4f8e-9f6d-2f1c9f0f7b11", "/docs", "/openapi.json"])
def test_serves_what_its_pages_load(installed: Client, path: str) -> None:
    """The pages and the documentation should come with every file that they name."""
    page = requests.get(f"{installed.url}{path}", timeout=60)
    assert page.status_code == 200
    for loaded in re.findall(r'(?:src|href)="(/(?:static|docs)/[^"]+)"', page.text):
        assert requests.get(f"{installed.url}{loaded}", timeout=60).status_code == 200, loaded


def test_becomes_postgrest(environment: Path, tmp_path: Path) -> None:
    """The installed program that becomes PostgREST should become what it is told."""
    program, path = environment / "bin" / "session-events-postgrest", str(tmp_path)
    assert run(program, "/bin/echo", "postgrest", cwd=tmp_path, PGRST_SERVER_UNIX_SOCKET=path) == "postgrest\n"


def test_records(environment: Path, installed: Client, running_stack: Stack, tmp_path: Path) -> None:
    """The installed recorder should record a command, which the installed proxy then tells."""
    recorded = uuid4()
    command = ["--id", str(recorded), "--", "echo", "from the wheel"]
    url = running_stack.database_url
    run(environment / "bin" / "session-events-recorder", *command, cwd=tmp_path, DATABASE_URL=url)
    assert "from the wheel" in [item["message"] for item in installed.page(recorded)["items"]]
