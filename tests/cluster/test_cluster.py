"""`make cluster`: up, polled through HAProxy while the leader dies, down with nothing left."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from addresses import stack_env
from stack import postmaster
from stack.binaries import REPOSITORY
from stack.datadir import private_directory
from stack.process import recorded
from tests.cluster.conftest import kill, logging_below
from tests.cluster.traffic import traffic
from tests.support.long import long
from tests.support.waiting import wait_until

ENOUGH = 30  # commits


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    """Where the cluster of this module is, up or down."""
    with private_directory() as parent:
        yield parent / "cluster"
        command(parent / "cluster", "down")


def command(directory: Path, name: str) -> subprocess.CompletedProcess[str]:
    """Runs `python -m cluster`, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "cluster", "--directory", str(directory), name],
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY,
    )


def test_the_leader_dies_under_pollers(directory: Path) -> None:
    """Pollers should lose nothing when the leader dies, see no error but 503 and 504, and start again at most once."""
    started = command(directory, "up")
    assert started.returncode == 0, started.stderr
    values = stack_env.read(directory.with_suffix(".env"))
    data = (directory / "data").readlink()
    assert logging_below(directory)
    with traffic(values["PROXY_URL"], values["WRITER_URL"]) as busy:
        wait_until(lambda: len(busy.acknowledged()) > ENOUGH, "writers")
        old = leader_of(values["WRITER_URL"])
        server = postmaster.running(data / old)
        assert server is not None
        kill(server.pid)
        before = len(busy.acknowledged())
        wait_until(lambda: len(busy.acknowledged()) > before + ENOUGH, "writers on a new leader")
    print(busy.report("leader killed"))
    assert leader_of(values["WRITER_URL"]) != old
    assert all(len(follower.lost) <= 1 for follower in busy.followers)
    told = command(directory, "status")
    assert "leader" in told.stdout
    ended = command(directory, "down")
    assert ended.returncode == 0, ended.stderr
    assert not logging_below(directory)
    assert not data.exists()
    assert not directory.with_suffix(".env").exists()
    assert not [file.name for file in directory.iterdir() if file.suffix not in (".log", "") or file.is_symlink()]


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    """A machine without the programs should be told which packages to install, and nothing is started."""
    started = subprocess.run(
        [sys.executable, "-m", "cluster", "--directory", str(tmp_path / "cluster"), "up"],
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY,
        env={"PATH": str(tmp_path)},
    )
    assert started.returncode == 1
    assert "apt-get install etcd-server patroni haproxy" in started.stderr
    assert not (tmp_path / "cluster").exists()


def test_a_cluster_that_is_down_has_no_status(directory: Path) -> None:
    """What is asked of a cluster that is not up should say so."""
    told = command(directory, "status")
    assert told.returncode == 1
    assert "make cluster" in told.stderr


def leader_of(url: str) -> str:
    """The name of the node that HAProxy sends writers to: that of its data directory."""
    with psycopg.connect(url) as connection:
        (directory,) = connection.execute("show data_directory").fetchone() or ("",)
    return Path(directory).name


@long  # a second cluster
def test_a_half_built_cluster_is_cleared() -> None:
    """What is left of a start that was killed should be ended by `down`, with its data."""
    with private_directory() as parent:
        directory = parent / "cluster"
        starting = subprocess.Popen(
            [sys.executable, "-m", "cluster", "--directory", str(directory), "up"], cwd=REPOSITORY
        )
        wait_until((directory / "node2-patroni.pid").exists, "a node that begins")
        data = (directory / "data").readlink()
        server = recorded(directory / "cluster.pid")
        assert server is not None
        starting.kill()
        starting.wait()
        kill(server.pid)
        assert logging_below(directory)
        ended = command(directory, "down")
        assert ended.returncode == 0, ended.stderr
        assert not logging_below(directory)
        assert not data.exists()
