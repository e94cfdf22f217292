"""`make cluster`: up, polled through HAProxy while the leader dies, down with nothing left."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from addresses import stack_env
from stack import postmaster
from stack.datadir import private_directory
from tests.cluster.conftest import command, kill, logging_below
from tests.cluster.traffic import traffic
from tests.support.waiting import wait_until

ENOUGH = 30  # commits
# What somebody who has used psql may have set leads nowhere else.
ELSEWHERE = {"PGHOSTADDR": "192.0.2.1", "PGSERVICE": "nobody", "PGSSLMODE": "require"}


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    """Where the cluster of this module is, up or down."""
    with private_directory() as parent:
        yield parent / "cluster"
        command(parent / "cluster", "down")


def test_the_leader_dies_under_pollers(directory: Path) -> None:
    """Pollers should lose nothing when the leader dies, see no error but 503 and 504, and start again at most once."""
    started = command(directory, "up", **ELSEWHERE)
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
        wait_until(lambda: len(busy.acknowledged()) > before + ENOUGH, "writers on a leader")
    # Where no other node answers Patroni in time, as on a busy machine, it starts the old leader again.
    print(busy.report(f"leader {old} killed, then {leader_of(values['WRITER_URL'])}"))
    assert all(len(follower.lost) <= 1 for follower in busy.followers)
    told = command(directory, "status")
    assert "leader" in told.stdout
    ended = command(directory, "down")
    assert ended.returncode == 0, ended.stderr
    assert not logging_below(directory)
    assert not data.exists()
    assert not directory.with_suffix(".env").exists()
    assert not [file.name for file in directory.iterdir() if file.suffix not in (".log", "") or file.is_symlink()]


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
