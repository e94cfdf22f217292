"""All parts together."""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from addresses import conninfo
from cluster import programs
from cluster.site import Site, free_ports
from stack import migrations
from stack.account import give_to_server
from stack.datadir import SUPERUSER
from stack.errors import StackError, tail
from stack.health import becomes_healthy, healthy, status_of
from stack.postgres import stop_remains
from stack.postgrest import SUPERVISED, authenticator_uri, postgrest, refused
from stack.process import Program
from stack.proxy import proxy
from stack.rundir import run_directory

_DATABASE = SUPERUSER
_START_SECONDS = 60.0
_PAUSE = 0.1
_TAKEN = re.compile(r".{0,80}address already in use.{0,30}", re.IGNORECASE)


@dataclass
class Node:
    """A node that runs: its PostgreSQL is Patroni's child."""

    name: str
    site: Site
    patroni: Program
    postgrest: Program
    proxy: Program

    @property
    def proxy_url(self) -> str:
        """Where HAProxy asks."""
        return f"http://{self.site.address(self.name)}:{self.site.ports.proxy}"

    def dsn(self, **parameters: str) -> str:
        """The superuser's way to the node's own PostgreSQL."""
        return _uri(self.site, self.site.address(self.name), self.site.ports.postgres, **parameters)

    def programs(self) -> list[Program]:
        """What runs there beside PostgreSQL, in the order in which it was started."""
        return [self.patroni, self.postgrest, self.proxy]


@dataclass
class Cluster:
    """A cluster that runs."""

    site: Site
    haproxy: Program
    etcd: dict[str, Program]
    authenticator: dict[str, str] = field(repr=False)
    nodes: dict[str, Node] = field(default_factory=dict)

    @property
    def proxy_url(self) -> str:
        """Where clients ask: HAProxy."""
        return f"http://{self.site.front}:{self.site.ports.polls}"

    @property
    def writer_url(self) -> str:
        """The superuser's way to whoever is the leader, through HAProxy."""
        return _uri(self.site, self.site.front, self.site.ports.writers)

    def leader(self) -> str | None:
        """The node that is the leader by its own word."""
        return leader(self.site)

    @contextmanager
    def node(self, name: str) -> Iterator[Node]:
        """One more node, for the time of the context; ready when it can be polled."""
        with (
            programs.patroni(self.site, name) as manager,
            _serving(self.site, self.authenticator, name, manager) as running,
        ):
            yield running


@contextmanager
def cluster(directory: Path, *, nodes: int = len(Site.nodes)) -> Iterator[Cluster]:
    """A cluster of so many nodes, with its logs in `directory`; no data outlives the context.

    Whoever runs it has its parts supervised, which end when something that they need is away.
    """
    programs.check_programs()
    directory.mkdir(parents=True, exist_ok=True)
    for log in (*directory.glob("node*.log"), directory / "haproxy.log"):
        log.unlink(missing_ok=True)  # an earlier cluster's
    with ExitStack() as parts:
        with _explained(directory):
            running = _started(parts, directory, nodes)
        yield running


def _started(parts: ExitStack, directory: Path, nodes: int) -> Cluster:
    """A cluster that runs for as long as `parts` is open."""
    data = parts.enter_context(run_directory(directory / "data"))
    give_to_server(data)
    site = Site(directory, data, free_ports())
    etcd = {name: parts.enter_context(programs.etcd(site, name)) for name in site.nodes}
    _wait(lambda: all(_is_healthy(site, name) for name in site.nodes), [*etcd.values()], "etcd does not work")
    parts.callback(stop_servers, site.data)
    managers = {name: parts.enter_context(programs.patroni(site, name)) for name in site.nodes[:nodes]}
    # At the end nobody hands over to anybody: the data goes.
    parts.callback(_kill, managers.values())
    _wait(lambda: leader(site) is not None, [*etcd.values(), *managers.values()], "no node is the leader")
    login = _made_database(site)
    serving = {name: parts.enter_context(_serving(site, login, name, each)) for name, each in managers.items()}
    running = Cluster(site, parts.enter_context(programs.haproxy(site)), etcd, login, serving)
    needed = [running.haproxy, *(program for node in serving.values() for program in node.programs())]
    _wait(lambda: healthy(running.proxy_url), needed, "HAProxy finds no proxy ready")
    # Until its first checks HAProxy takes every server for a good one.
    _wait(lambda: all(_writes(running.writer_url) for _ in site.nodes), needed, "HAProxy finds no leader")
    return running


def leader(site: Site) -> str | None:
    """The node that is the leader by its own word; None while there is none."""
    return next((name for name in site.nodes if status_of(site.rest(name, "leader")) == 200), None)


def _is_healthy(site: Site, name: str) -> bool:
    """Whether a node's etcd works with most of the others."""
    return status_of(f"http://{site.address(name)}:{site.ports.etcd}/health") == 200


def stop_servers(data: Path) -> None:
    """Stops every PostgreSQL that has its data below `data`, also where its Patroni is gone."""
    for version in sorted(data.glob("*/PG_VERSION")):
        stop_remains(version.parent)


def _kill(started: Iterable[Program]) -> None:
    for program in started:
        program.kill()


@contextmanager
def _serving(site: Site, login: dict[str, str], name: str, manager: Program) -> Iterator[Node]:
    """PostgREST and the proxy of a node, once its PostgreSQL can be read."""
    _wait(lambda: status_of(site.rest(name, "read-only")) == 200, [manager], f"{name} cannot be read")
    uri = _uri(site, site.address(name), site.ports.postgres, **login)
    # A standby may not have replayed the role's password yet, and PostgREST would end.
    _wait(lambda: refused(uri) is None, [manager], f"{name} does not let PostgREST's role in")
    # A standby cannot LISTEN, and each may become one.
    settings = {**SUPERVISED, "PGRST_DB_CHANNEL_ENABLED": "false", "PROXY_HOST": site.address(name)}
    with (
        postgrest(uri, site.data / f"{name}.rest", env=settings, log=site.directory / f"{name}-postgrest.log") as rest,
        proxy(rest.url, port=site.ports.proxy, env=settings, log=site.directory / f"{name}-proxy.log") as front,
    ):
        if not becomes_healthy(front.url, _START_SECONDS):
            raise StackError(f"{name}: {front.url}/ready is not well; its log ends:\n{tail(front.log_path)}")
        yield Node(name, site, manager, rest.program, front.program)


def _made_database(site: Site) -> dict[str, str]:
    """Makes the database with its schema on the leader; the login of PostgREST's role."""
    name = leader(site)
    assert name is not None  # noqa: S101  waited for
    address, port = site.address(name), site.ports.postgres
    with psycopg.connect(_uri(site, address, port, dbname="postgres"), autocommit=True) as connection:
        connection.execute(f"create database {_DATABASE}".encode())
    owner = _uri(site, address, port)
    migrations.deploy(owner)
    login = conninfo.parameters(authenticator_uri(owner))
    return {name: login[name] for name in ("user", "password")}


def _uri(site: Site, host: str, port: int, **parameters: str) -> str:
    where = {"host": host, "port": str(port), "dbname": _DATABASE}
    return conninfo.uri({**programs.superuser(site), **where, **parameters})


def _writes(url: str) -> bool:
    try:
        with psycopg.connect(url) as connection:
            return connection.execute("select pg_is_in_recovery()").fetchone() == (False,)
    except psycopg.OperationalError:
        return False


def _wait(condition: Callable[[], bool], started: Sequence[Program], what: str) -> None:
    """Returns once the condition holds; StackError where it does not in time, or one of what it needs has ended."""
    deadline = time.monotonic() + _START_SECONDS
    while not condition():
        ended = next((each.log_path for each in started if not each.runs() or _taken(each.log_path)), None)
        if ended:
            raise StackError(f"{ended.stem} has ended, or cannot listen: {_last_line(tail(ended))}")
        if time.monotonic() > deadline:
            said = (f"{each.log_path.stem}: {_last_line(tail(each.log_path))}" for each in started)
            raise StackError(f"{what} after {_START_SECONDS:.0f} s; what was said last: {'; '.join(said)}")
        time.sleep(_PAUSE)


@contextmanager
def _explained(directory: Path) -> Iterator[None]:
    """Says of a start that failed in one line what to do about it, or where more is to be read."""
    try:
        yield
    except (StackError, psycopg.Error) as error:
        for log in sorted(directory.glob("*.log")):
            if taken := _taken(log):
                raise StackError(
                    f"somebody has taken a port meanwhile: start the cluster again, on others ({log.stem}: {taken})"
                ) from error
        first, *more = str(error).splitlines()
        words = f"{first} {_last_line(str(error))}" if more else first
        raise StackError(f"{words} (the logs are in {directory})") from error


def _taken(log: Path) -> str | None:
    """What a program says that cannot listen; None if its log does not."""
    found = _TAKEN.search(log.read_text(errors="replace"))
    return found and found[0].strip()


def _last_line(text: str) -> str:
    return text.rstrip().rpartition("\n")[2].strip()
