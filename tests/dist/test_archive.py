"""The archive by itself: whole, and as good as the repository."""

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from uuid import uuid4

import pytest

from addresses import conninfo
from stack import migrations
from stack.binaries import REPOSITORY
from stack.postgres import Cluster
from stack.whole import Stack
from tests.migrations.scripts import dump
from tests.support.long import long


@pytest.fixture(scope="module")
def tree(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive, unpacked."""
    directory = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(archive) as tar:
        tar.extractall(directory, filter="data")
    return directory / archive.name.removesuffix(".tar.gz")


def test_checksums(tree: Path) -> None:
    """Each file but the list itself should be in SHA256SUMS, with its checksum; a changed one should be found."""
    command = ["sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS"]
    assert subprocess.run(command, check=False, cwd=tree).returncode == 0
    listed = {line.split("  ", 1)[1] for line in (tree / "SHA256SUMS").read_text().splitlines()}
    files = {path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file()}
    assert listed == files - {"SHA256SUMS"}
    changed = tree / "postgrest.conf"
    text = changed.read_text()
    changed.write_text(text + "\n")
    try:
        assert subprocess.run(command, check=False, cwd=tree, capture_output=True).returncode != 0
    finally:
        changed.write_text(text)


def test_members(archive: Path) -> None:
    """Everything should belong to root, and only programs should be executable."""
    with tarfile.open(archive) as tar:
        members = tar.getmembers()
    assert {(member.uname, member.uid, member.isfile()) for member in members} == {("root", 0, True)}
    executable = {member.name.partition("/")[2] for member in members if member.mode & 0o111}
    assert executable == {"postgrest/postgrest"}


@pytest.mark.parametrize("part", ["deploy", "deploy/container", "deploy/nginx", "deploy/systemd", "docs", "examples"])
def test_parts(tree: Path, part: str) -> None:
    """What an operator copies or reads should be there as it is in the repository."""
    files = {path.name: path.read_bytes() for path in (REPOSITORY / part).iterdir() if path.is_file()}
    assert files
    assert files == {path.name: path.read_bytes() for path in (tree / part).iterdir() if path.is_file()}


def test_wheel(tree: Path) -> None:
    """The proxy's wheel should hold the page and the document."""
    (wheel,) = tree.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        assert {"proxy/openapi.yaml", "proxy/static/page/index.html"} <= set(packed.namelist())


def test_clients(tree: Path) -> None:
    """Both clients should be there."""
    names = {re.sub(r"-\d.*\.", ".", path.name) for path in (tree / "clients").iterdir()}
    assert names == {"session-events-poller.tgz", "session_events_client.whl"}


def test_scripts_are_whole(tree: Path) -> None:
    r"""No script should include another one: there is nothing to include. `\ir` would be found at deploy only."""
    includes = re.compile(r"^\\ir? ", re.MULTILINE)
    assert [path for path in (tree / "sqitch").rglob("*.sql") if includes.search(path.read_text())] == []
    count = sum(1 for _ in (REPOSITORY / "db" / "migrations").rglob("*.sql"))
    assert sum(1 for _ in (tree / "sqitch").rglob("*.sql")) == count


def test_same_schema(tree: Path, cluster: Cluster, running_stack: Stack) -> None:
    """Deployed from the archive a database should be as from the repository, which then has nothing to add."""
    name = f"dist_{uuid4().hex}"
    cluster.create_database(name)
    dsn = cluster.dsn(name)
    environment = {**os.environ, **migrations.DEPLOYER, **conninfo.environment(dsn)}
    deployed = subprocess.run(["sqitch", "deploy"], check=False, cwd=tree / "sqitch", env=environment)
    assert deployed.returncode == 0
    before = dump(dsn)
    assert before == dump(running_stack.database_url)
    migrations.deploy(dsn)
    assert dump(dsn) == before


@long
def test_same_bytes(archive: Path, tmp_path: Path) -> None:
    """Built again the archive should have the same bytes."""
    subprocess.run([sys.executable, REPOSITORY / "tools" / "dist", tmp_path], check=True, capture_output=True)
    assert (tmp_path / archive.name).read_bytes() == archive.read_bytes()
