"""All parts together."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from stack import migrations
from stack.authenticator import existing_login
from stack.datadir import SUPERUSER
from stack.errors import StackError, tail
from stack.health import becomes_healthy
from stack.postgres import Cluster, cluster
from stack.postgrest import authenticator_uri, postgrest
from stack.process import Running
from stack.proxy import proxy
from stack.rundir import run_directory

DATABASE = SUPERUSER
_HEALTH_SECONDS = 15.0


@dataclass(frozen=True)
class Stack:
    """A running stack; `database_url` is the tables' owner's, `cluster` is None where the database is not ours."""

    database_url: str
    postgrest: Running
    proxy: Running
    cluster: Cluster | None

    @property
    def proxy_url(self) -> str:
        """Where clients ask."""
        return self.proxy.url

    @property
    def postgrest_url(self) -> str:
        """Where the proxy asks."""
        return self.postgrest.url


@contextmanager
def stack(
    directory: Path,
    *,
    database_url: str | None = None,
    authenticator_password: str | None = None,
    port: int = 0,
    env: Mapping[str, str] = {},
) -> Iterator[Stack]:
    """The whole stack, with its data and logs in `directory`; `database_url` instead of a private cluster.

    `authenticator_password` is that of PostgREST's role there. `env` holds further settings of PostgREST and the proxy.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with ExitStack() as parts:
        if database_url is None:
            server = parts.enter_context(cluster(directory / "postgres"))
            owner = _owner_of(server)
        else:
            server, owner = None, database_url
        migrations.deploy(owner)
        sockets = parts.enter_context(run_directory(directory / "run"))
        if server is None:
            uri = existing_login(owner, given=authenticator_password, kept=directory / "authenticator.password")
        else:
            uri = authenticator_uri(owner)
        rest = parts.enter_context(postgrest(uri, sockets / "postgrest", env=env, log=directory / "postgrest.log"))
        front = parts.enter_context(proxy(rest.url, port=port, env=env, log=directory / "proxy.log"))
        if not becomes_healthy(front.url, _HEALTH_SECONDS):
            raise StackError(
                f"the proxy listens, but {front.url}/ready is not well; its log ends:\n{tail(front.log_path)}"
            )
        yield Stack(owner, rest, front, server)


def _owner_of(server: Cluster) -> str:
    """The owner's URI of the stack's database in a private cluster, which is made if it is not there."""
    if not server.has_database(DATABASE):
        server.create_database(DATABASE)
    return server.dsn(DATABASE, tcp=True)
