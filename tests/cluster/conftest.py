"""A cluster of three nodes, and how it is whole again after a test."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from cluster.background import parts
from cluster.site import Site
from cluster.whole import Cluster, Node, cluster
from stack import postmaster
from stack.binaries import REPOSITORY
from stack.datadir import private_directory
from stack.health import healthy, status_of
from stack.process import Program
from stack.supervisor import Part, supervised
from tests.support.waiting import wait_until

PATIENCE = 120.0
# What a test has ended for longer than a moment, by the name of its part: nobody starts it again before make_whole().
DEAD: set[str] = set()


@pytest.fixture(scope="package")
def running() -> Iterator[Cluster]:
    """A cluster that all tests of the long profile break, one after the other."""
    with supervised_cluster() as started:
        yield started


@contextmanager
def supervised_cluster(nodes: int = len(Site.nodes)) -> Iterator[Cluster]:
    """A cluster as `make cluster` runs it, but that what is DEAD stays so."""
    with (
        private_directory() as directory,
        cluster(directory / "cluster", nodes=nodes) as started,
        looked_after(started, parts(started)),
    ):
        yield started


@contextmanager
def looked_after(running: Cluster, looked: Sequence[Part]) -> Iterator[None]:
    """These parts are started again for the time of the context, but what is DEAD."""
    with supervised([_mortal(part) for part in looked], running.site.directory):
        yield


def _mortal(part: Part) -> Part:
    return replace(part, misses=lambda: "a test wants it dead" if part.name in DEAD else part.misses())


@pytest.fixture
def whole(running: Cluster) -> Cluster:
    """The same, with every part in its place before the test."""
    make_whole(running)
    return running


def make_whole(running: Cluster) -> None:
    """Lets live what a test has ended; waits until there is a leader with a synchronous standby and all is ready."""
    DEAD.clear()
    wait_until(lambda: is_whole(running), "a whole cluster", seconds=PATIENCE)


def is_whole(running: Cluster) -> bool:
    """Whether there is a leader, a synchronous standby, and every node is ready."""
    site = running.site
    return (
        running.leader() is not None
        and has_synchronous_standby(running)
        and all(status_of(site.rest(name, "read-only?lag=100kB")) == 200 for name in running.nodes)
        and all(healthy(node.proxy_url) for node in running.nodes.values())
    )


def has_synchronous_standby(running: Cluster) -> bool:
    """Whether a node may take over, by its own word."""
    return any(status_of(running.site.rest(name, "sync")) == 200 for name in running.nodes)


def leader(running: Cluster) -> Node:
    """The node that is the leader; there must be one."""
    name = running.leader()
    assert name is not None
    return running.nodes[name]


def standbys(running: Cluster) -> list[Node]:
    """The others, the synchronous one first."""
    others = [node for name, node in running.nodes.items() if name != running.leader()]
    return sorted(others, key=lambda node: status_of(running.site.rest(node.name, "sync")) != 200)


def kill(pid: int) -> None:
    """Ends a process without a word."""
    os.kill(pid, signal.SIGKILL)


def kill_postgres(node: Node) -> None:
    """Ends a node's PostgreSQL; its Patroni sees it."""
    process = postmaster.running(node.site.data_of(node.name))
    assert process is not None
    kill(process.pid)


def server(node: Node) -> list[psutil.Process]:
    """Every process of a node's PostgreSQL."""
    head = postmaster.running(node.site.data_of(node.name))
    return [head, *head.children(recursive=True)] if head else []


def machine(node: Node) -> list[psutil.Process]:
    """Every process of a node."""
    heads = [psutil.Process(program.pid) for program in node.programs()]
    return [*(process for head in heads for process in (head, *head.children(recursive=True))), *server(node)]


def kill_machine(node: Node) -> None:
    """Ends all that runs on a node at once, and for longer."""
    DEAD.update(program.log_path.stem for program in node.programs())
    for process in machine(node):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    for program in node.programs():
        program.process.wait()


def kill_for_long(programs: Sequence[Program]) -> None:
    """Ends programs without a word, and for longer."""
    DEAD.update(program.log_path.stem for program in programs)
    for program in programs:
        kill(program.pid)
    for program in programs:
        program.process.wait()


def resume(pid: int) -> None:
    """Lets a process go on that a test had stopped; nothing where it is gone."""
    try:
        psutil.Process(pid).resume()
    except psutil.NoSuchProcess:
        return


def follows(running: Cluster, old: str) -> bool:
    """Whether another node than `old` is the leader."""
    return running.leader() not in (None, old)


def logging_below(directory: Path) -> list[str]:
    """What runs with its output in a file of a directory, as every program of a cluster does, by its command."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied, OSError):
            if Path(f"/proc/{process.pid}/fd/1").readlink().is_relative_to(directory):
                found.append(" ".join(process.cmdline()))
    return found


def command(directory: Path, name: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs `python -m cluster`, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "cluster", "--directory", str(directory), name],
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY,
        env={**os.environ, **environment},
    )
