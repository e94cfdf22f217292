"""The cluster in one directory, in the background: `up`, `down`, and `serve`, which `up` starts."""

import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from addresses import conninfo, stack_env
from cluster.programs import check_programs
from cluster.whole import Cluster, cluster, stop_servers
from stack import rundir
from stack.errors import StackError
from stack.health import becomes_healthy
from stack.process import end, end_recorded, recorded, start, wait_ready
from stack.supervisor import Part, forget, supervised

_SERVER = "cluster"  # the name of its log and pid file
_START_SECONDS = 240.0
_STOP_SECONDS = 120.0
_ALREADY_UP_SECONDS = 3.0


def up(directory: Path) -> None:
    """Starts the cluster in the background, and returns once it answers; does nothing if it answers already."""
    check_programs()
    with _lock(directory):
        known = environment_file(directory)
        if recorded(directory / f"{_SERVER}.pid") and known.exists():
            url = stack_env.read(known)["PROXY_URL"]
            if becomes_healthy(url, _ALREADY_UP_SECONDS):
                print(f"already up: {url}")
                return
        _clear(directory)
        log = directory / f"{_SERVER}.log"
        command = [sys.executable, "-m", "cluster", "--directory", str(directory), "serve"]
        process = start(command, env=os.environ, log=log)
        try:
            wait_ready(process, known.exists, log=log, seconds=_START_SECONDS)
        except BaseException:
            end(process, grace=_STOP_SECONDS)
            _clear(directory)
            raise
    for name, value in stack_env.read(known).items():
        print(f"{name}={conninfo.without_password(value)}")


def down(directory: Path) -> None:
    """Ends the cluster, whoever started it and whatever is left of it, with its data; its logs stay."""
    with _lock(directory):
        _clear(directory)


def serve(directory: Path) -> None:
    """Runs the cluster until SIGTERM; what dies of it is started again."""
    try:
        with cluster(directory) as running, supervised(_parts(running), directory):
            stack_env.write(
                environment_file(directory),
                {
                    "PROXY_URL": running.proxy_url,
                    "WRITER_URL": running.writer_url,
                    **{f"{name.upper()}_PROXY_URL": node.proxy_url for name, node in running.nodes.items()},
                    **{f"{name.upper()}_DATABASE_URL": node.dsn() for name, node in running.nodes.items()},
                },
            )
            while True:
                signal.pause()
    finally:
        _clear_parts(directory)


def environment_file(directory: Path) -> Path:
    """Where a running cluster says how to reach it: `.local/cluster.env` for `.local/cluster`."""
    return directory.with_suffix(".env")


def _parts(running: Cluster) -> list[Part]:
    """What may die, in the order in which it was started; PostgreSQL is Patroni's to start again."""
    nodes = [program for node in running.nodes.values() for program in node.programs()]
    return [
        # One that hangs is HAProxy's and Patroni's to notice.
        Part(program.log_path.stem, program.log_path, program.runs, program.start_again, answers=program.runs)
        for program in (*running.etcd.values(), *nodes, running.haproxy)
    ]


def _clear(directory: Path) -> None:
    """Ends every process of a cluster that is written down in `directory`, and removes what it left but its logs."""
    end_recorded(directory / f"{_SERVER}.pid", grace=_STOP_SECONDS)
    _clear_parts(directory)


def _clear_parts(directory: Path) -> None:
    environment_file(directory).unlink(missing_ok=True)
    forget(directory)
    for file in sorted(directory.glob("*-*.pid")):
        end_recorded(file)
    end_recorded(directory / "haproxy.pid")
    stop_servers(directory / "data")
    rundir.remove(directory / "data")


@contextmanager
def _lock(directory: Path) -> Iterator[None]:
    """One `up` or `down` at a time."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(f"another 'up' or 'down' works in {directory}") from None
        yield
