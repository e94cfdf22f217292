"""The cluster in one directory, in the background: `up`, `down`, and `serve`, which `up` starts."""

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

from addresses import conninfo, stack_env
from cluster.programs import check_programs
from cluster.whole import Cluster, Node, cluster, stop_servers
from stack import rundir
from stack.health import becomes_healthy
from stack.postgrest import refused
from stack.process import Program, end_recorded, recorded
from stack.server import locked, start_server
from stack.supervisor import Part, forget, supervised

_SERVER = "cluster"  # the module, and the name of its log and pid file
_START_SECONDS = 240.0
_STOP_SECONDS = 120.0
_ALREADY_UP_SECONDS = 3.0
_LIBPQ = re.compile("PG[A-Z]+")  # PGHOSTADDR; not PGRST_…


def up(directory: Path) -> None:
    """Starts the cluster in the background, and returns once it answers; does nothing if it answers already."""
    check_programs()
    with locked(directory):
        known = environment_file(directory)
        if recorded(directory / f"{_SERVER}.pid") and known.exists():
            url = stack_env.read(known)["PROXY_URL"]
            if becomes_healthy(url, _ALREADY_UP_SECONDS):
                print(f"already up: {url}")
                return
        _clear(directory)
        start_server(
            _SERVER,
            directory,
            # What libpq reads of it may lead elsewhere, and a person who has used psql may have set that.
            env={name: value for name, value in os.environ.items() if not _LIBPQ.fullmatch(name)},
            environment_file=known,
            seconds=_START_SECONDS,
            grace=_STOP_SECONDS,
            clear=_clear,
        )
    for name, value in stack_env.read(known).items():
        print(f"{name}={conninfo.without_password(value)}")


def down(directory: Path) -> None:
    """Ends the cluster, whoever started it and whatever is left of it, with its data; its logs stay."""
    with locked(directory):
        _clear(directory)


def serve(directory: Path) -> None:
    """Runs the cluster until SIGTERM; what dies of it is started again."""
    try:
        with cluster(directory) as running, supervised(parts(running), directory):
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


def parts(running: Cluster) -> list[Part]:
    """What may die, in the order in which it was started; PostgreSQL is Patroni's to start again."""
    nodes = [part for node in running.nodes.values() for part in parts_of(node)]
    return [*(_part(etcd) for etcd in running.etcd.values()), *nodes, _part(running.haproxy)]


def parts_of(node: Node) -> list[Part]:
    """What may die on a node."""
    return [
        _part(node.patroni),
        _part(node.postgrest, lambda: refused(node.postgrest.env["PGRST_DB_URI"])),
        _part(node.proxy),
    ]


def _part(program: Program, misses: Callable[[], str | None] = lambda: None) -> Part:
    """One that hangs is HAProxy's and Patroni's to notice."""
    name = program.log_path.stem
    return Part(name, program.log_path, program.runs, program.start_again, answers=program.runs, misses=misses)


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
