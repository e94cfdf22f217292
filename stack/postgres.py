"""A private PostgreSQL cluster, and a standby of one."""

import os
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
from psycopg import pq, sql

from addresses import conninfo
from stack import datadir, postmaster, rundir
from stack.account import give_to_server
from stack.binaries import server_has_library
from stack.datadir import SUPERUSER
from stack.errors import StackError
from stack.process import wait_gone

_PORTS_TRIED = 5
_BASE_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_timezone": "UTC",
    "max_prepared_transactions": "20",  # a prepared writer is one of the writers that polling must not overtake
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
}


@dataclass
class Cluster:
    """One PostgreSQL server: its data directory, and the two ways to it."""

    data_dir: Path
    socket_dir: Path
    port: int
    password: str = field(repr=False)
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def log_path(self) -> Path:
        """The server's log."""
        return self.data_dir / "server.log"

    def runs(self) -> bool:
        """Whether the server runs."""
        return postmaster.running(self.data_dir) is not None

    @property
    def pid(self) -> int:
        """The postmaster's pid; StackError when it does not run."""
        process = postmaster.running(self.data_dir)
        if process is None:
            raise StackError(f"no PostgreSQL server runs in {self.data_dir}")
        return process.pid

    def dsn(self, dbname: str, *, user: str | None = None, password: str | None = None, tcp: bool = False) -> str:
        """A libpq URI, through the unix socket unless `tcp`; with the superuser's login unless `user` is given."""
        login = {"user": SUPERUSER, "password": self.password} if user is None else {"user": user}
        if password is not None:
            login["password"] = password
        host = "127.0.0.1" if tcp else str(self.socket_dir)
        return conninfo.uri({**login, "host": host, "port": str(self.port), "dbname": dbname})

    def answers(self, seconds: float) -> bool:
        """Whether the server says anything to a connection within `seconds` (2 at least)."""
        name = conninfo.uri({**conninfo.parameters(self.dsn("postgres")), "connect_timeout": f"{seconds:.0f}"})
        return pq.PGconn.ping(name.encode()) != pq.Ping.NO_RESPONSE

    def has_database(self, name: str) -> bool:
        """Whether there is a database of that name."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            return connection.execute("select from pg_database where datname = %s", [name]).fetchone() is not None

    def create_database(self, name: str, *, template: str = "template1") -> None:
        """Creates a database, as a copy of `template`."""
        statement = sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def start(self) -> None:
        """Starts the server and returns once it takes connections; StackError with what it said if it does not."""
        if self.runs():
            raise StackError(f"a PostgreSQL server runs already in {self.data_dir}")
        if postmaster.wait_for_orphans(self.data_dir):
            postmaster.clear_locks(self.data_dir, self.socket_dir)
        self._write_settings()
        self.log_path.touch()
        give_to_server(self.log_path)
        before = self.log_path.stat().st_size
        failure = postmaster.pg_ctl("start", self.data_dir, "-l", str(self.log_path.resolve()))
        if failure is not None:
            said = self.log_path.read_bytes()[before:].decode(errors="replace").strip()
            raise StackError(f"PostgreSQL did not start:\n{said or failure}")

    def stop(self, mode: str = "fast") -> None:
        """Stops the server (pg_ctl's `smart`, `fast`, `immediate`) and waits for its end, if it runs."""
        process = postmaster.running(self.data_dir)
        if process is None:
            postmaster.wait_for_orphans(self.data_dir)
            return
        postmaster.wake(process)
        failure = postmaster.pg_ctl("stop", self.data_dir, "-m", mode)
        if failure is not None and mode != "immediate":
            failure = postmaster.pg_ctl("stop", self.data_dir, "-m", "immediate")
        if failure is not None and not wait_gone(process, 0):
            raise StackError(f"PostgreSQL did not stop:\n{failure}")

    def restart(self) -> None:
        """Stops and starts, on the same port and socket."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """Sends SIGKILL to the postmaster: a crash. Its children end by themselves soon after."""
        process = psutil.Process(self.pid)
        os.kill(process.pid, signal.SIGKILL)
        wait_gone(process, postmaster.PATIENCE)

    def _write_settings(self) -> None:
        statistics = "pg_stat_statements"
        has_statistics = server_has_library(statistics, datadir.major_of(self.data_dir))
        values = {
            **_BASE_SETTINGS,
            "port": str(self.port),
            "unix_socket_directories": str(self.socket_dir),
            **({"shared_preload_libraries": statistics} if has_statistics else {}),
            **self.settings,
        }
        file = self.data_dir / "stack.conf"
        file.write_text("".join(f"{name} = {_quoted(value)}\n" for name, value in values.items()))
        give_to_server(file)


@contextmanager
def cluster(data_dir: Path, *, settings: Mapping[str, str] = {}, major: str | None = None) -> Iterator[Cluster]:
    """A running cluster in `data_dir`, made there (by `major`) if there is none; its data stays when the context ends.

    A server that a killed run left there is stopped first. Beside `data_dir` stand its password and a link to its
    sockets. Where the server's account cannot reach `data_dir`, that becomes a link to one that it can reach.
    """
    stop_remains(data_dir)
    if not data_dir.exists():
        datadir.initialise(data_dir, settings, major)
    with _started(data_dir, datadir.password_file(data_dir).read_text(), settings) as server:
        yield server


@contextmanager
def standby(primary: Cluster, data_dir: Path) -> Iterator[Cluster]:
    """A hot standby of a running primary, ready to be read; `data_dir` must not exist yet."""
    datadir.copy(primary.dsn("postgres"), data_dir, datadir.major_of(primary.data_dir))
    settings = {**primary.settings, "hot_standby_feedback": "on"}
    with _started(data_dir, primary.password, settings) as server:
        yield server


def stop_remains(data_dir: Path) -> None:
    """Stops the server that a killed run left in `data_dir`, and removes its sockets."""
    Cluster(data_dir, socket_dir=data_dir, port=0, password="").stop()
    rundir.remove(_sockets(data_dir))


@contextmanager
def _started(data_dir: Path, password: str, settings: Mapping[str, str]) -> Iterator[Cluster]:
    with rundir.run_directory(_sockets(data_dir)) as socket_dir:
        give_to_server(socket_dir)
        server = Cluster(data_dir, socket_dir=socket_dir, port=free_port(), password=password, settings=settings)
        try:
            _start_on_a_free_port(server)
            yield server
        finally:
            server.stop()


def _start_on_a_free_port(server: Cluster) -> None:
    """Another program may take the port between our look and the server's: then try the next one."""
    for _ in range(_PORTS_TRIED - 1):
        try:
            return server.start()
        except StackError as error:
            if "Address already in use" not in str(error):
                raise
            server.port = free_port()
    return server.start()


def free_port() -> int:
    """A loopback TCP port that nobody listened on a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _sockets(data_dir: Path) -> Path:
    return data_dir.with_name(f"{data_dir.name}.sockets")


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
