"""What keeps a cluster from starting: one line says what to do, and nothing is left running."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cluster import whole
from cluster.site import Site, free_ports
from cluster.whole import cluster
from stack.binaries import REPOSITORY
from stack.datadir import private_directory
from stack.errors import StackError
from stack.process import recorded
from tests.cluster.conftest import command, kill, logging_below
from tests.support.long import long
from tests.support.waiting import wait_until


@pytest.mark.parametrize(
    "part",
    ["etcd", *(pytest.param(part, marks=long) for part in ("etcd_peer", "patroni", "postgres", "proxy", "polls"))],
)
def test_a_port_is_taken(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that somebody takes while the cluster starts should be named with what could not listen there."""
    ports = free_ports()
    monkeypatch.setattr(whole, "free_ports", lambda: ports)
    with private_directory() as directory:
        site = Site(directory / "cluster", directory, ports)
        host = site.front if part == "polls" else site.address("node2")
        with (
            socket.create_server((host, getattr(ports, part))),
            pytest.raises(StackError, match="somebody has taken a port meanwhile: start the cluster again") as refused,
            cluster(site.directory),
        ):
            pytest.fail("it started")
        assert "\n" not in str(refused.value)
        assert not logging_below(directory)


def test_a_program_that_ends_is_named(tmp_path: Path) -> None:
    """A program that cannot run should be named with its last words, in one line, and nothing is left running."""
    etcd = tmp_path / "etcd"
    etcd.write_text("#!/bin/sh\necho the disk is full\nexit 3\n")
    etcd.chmod(0o755)
    directory = tmp_path / "cluster"
    started = command(directory, "up", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert started.returncode == 1
    assert re.fullmatch(
        rf"cluster: node\d-etcd has ended, or cannot listen: the disk is full \(the logs are in {directory}\)\n",
        started.stderr,
    )
    assert not logging_below(directory)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    """A machine without the programs should be told which packages to install, and nothing is started."""
    started = command(tmp_path / "cluster", "up", PATH=str(tmp_path))
    assert started.returncode == 1
    assert "apt-get install etcd-server patroni haproxy" in started.stderr
    assert not (tmp_path / "cluster").exists()


def test_what_is_in_the_way_stays(tmp_path: Path) -> None:
    """Data that is not a cluster's of ours should be named, and stay."""
    theirs = tmp_path / "cluster" / "data" / "node1"
    theirs.mkdir(parents=True)
    started = command(tmp_path / "cluster", "up")
    assert started.returncode == 1
    assert f"{theirs.parent} is in the way" in started.stderr
    assert theirs.exists()


def test_an_interrupted_start_leaves_nothing() -> None:
    """Ctrl-C while the cluster starts should end all that was started, and remove its data."""
    with half_built("node1-etcd.pid") as (directory, starting):
        data = (directory / "data").readlink()
        starting.send_signal(signal.SIGINT)
        assert starting.wait() == 130
        assert not logging_below(directory)
        assert not data.exists()


@long  # more of a second cluster
@pytest.mark.parametrize("killed", ["starter", "starter and server"])
def test_a_half_built_cluster_is_cleared(killed: str) -> None:
    """What is left of a start that was killed should be ended by `down`, with its data."""
    with half_built("node2-patroni.pid") as (directory, starting):
        data = (directory / "data").readlink()
        server = recorded(directory / "cluster.pid")
        assert server is not None
        starting.kill()
        starting.wait()
        if killed != "starter":
            kill(server.pid)
        assert logging_below(directory)
        ended = command(directory, "down")
        assert ended.returncode == 0, ended.stderr
        assert not logging_below(directory)
        assert not data.exists()


@contextmanager
def half_built(until: str) -> Iterator[tuple[Path, subprocess.Popen[bytes]]]:
    """A cluster that starts, once there is a file of this name in its directory, and the command that starts it."""
    with private_directory() as parent:
        directory = parent / "cluster"
        starting = subprocess.Popen(
            [sys.executable, "-m", "cluster", "--directory", str(directory), "up"], cwd=REPOSITORY
        )
        try:
            wait_until((directory / until).exists, until)
            yield directory, starting
        finally:
            starting.kill()
            starting.wait()
            command(directory, "down")
