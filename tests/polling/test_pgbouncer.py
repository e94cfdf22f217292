"""PgBouncer in transaction mode between PostgREST and PostgreSQL."""

import os
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from addresses import conninfo
from bench.load import generator
from bench.polls import path
from bench.processor import between, spent
from bench.rounds import alternate, ratio, spread
from stack.account import give_to_server, server_account
from stack.binaries import REPOSITORY
from stack.datadir import private_directory
from stack.postgres import Cluster, free_port
from stack.postgrest import authenticator_uri, postgrest
from stack.process import plain_environment, running
from stack.proxy import proxy
from tests.polling.conftest import DATABASE
from tests.polling.pollers import CursorPoller, Told
from tests.polling.test_lossless import committed, poll_until
from tests.polling.writers import Writer, finish, writing
from tests.support.client import Client
from tests.support.long import long
from tests.support.rows import add_events, add_session
from tests.support.rows import spread as spread_events

POOL = 2
SECONDS, ROUNDS = 3, 7
FOLLOWERS = 6
DEPLOYED = (REPOSITORY / "deploy" / "pgbouncer" / "pgbouncer.ini").read_text()
# What PostgREST must not use behind it (docs/operations.md).
WITHOUT = {"PGRST_DB_PREPARED_STATEMENTS": "false", "PGRST_DB_CHANNEL_ENABLED": "false"}


@dataclass
class HttpPoller(CursorPoller):
    """Follows the cursor over HTTP."""

    client: Client = field(kw_only=True)

    def _call(
        self, connection: psycopg.Connection[Any], arguments: dict[str, object]
    ) -> tuple[list[Told], dict[str, str]]:
        parameters = {name.removeprefix("p_"): value for name, value in arguments.items() if value is not None}
        body = self.client.page(self.session_id, limit=self.limit, **parameters)
        rows = [Told(*(item[name] for name in Told._fields)) for item in body["items"]]
        return rows, {"Total-Count": str(body["pagination"]["total"]), "Events-Cursor": body["cursor"]}


@pytest.fixture
def bouncer() -> Path:
    """The PgBouncer executable; Debian puts it where only root looks."""
    found = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        pytest.skip("there is no PgBouncer: install the package 'pgbouncer'")
    return Path(found)


@dataclass(frozen=True)
class Pooled:
    """A way to the database, and the PgBouncer on it."""

    uri: str
    pid: int


@contextmanager
def pooled(server: Cluster, program: Path, directory: Path, size: int = POOL) -> Iterator[Pooled]:
    """The authenticator's way to the database through a PgBouncer."""
    login = conninfo.parameters(authenticator_uri(server.dsn(DATABASE)))
    way = {**login, "host": str(directory), "port": str(free_port()), "dbname": "testboost"}
    account = server_account()
    own = {
        "testboost": f"host={server.socket_dir} port={server.port} dbname={DATABASE}",
        "default_pool_size": size,
        "listen_addr": "",
        "listen_port": way["port"],
        "unix_socket_dir": directory,
        "auth_file": directory / "users",
    }
    text = DEPLOYED
    for name, value in own.items():
        text = re.sub(rf"^{name} = .*$", f"{name} = {value}", text, flags=re.MULTILINE)
    (directory / "users").write_text(f'"{login["user"]}" "{login["password"]}"\n')
    # Whom it runs as, its unit says elsewhere.
    (directory / "pgbouncer.ini").write_text(text if account is None else f"{text}user = {account.pw_name}\n")
    for name in ("users", "pgbouncer.ini"):
        give_to_server(directory / name)

    def ready() -> bool:
        try:
            psycopg.connect(conninfo.uri(way)).close()
        except psycopg.OperationalError:
            return False
        return True

    command = [program, directory / "pgbouncer.ini"]
    with running(command, env=plain_environment(), log=directory / "pgbouncer.log", ready=ready) as bouncer:
        yield Pooled(conninfo.uri(way), bouncer.pid)


def test_followers_behind_a_pool_lose_nothing(crashing: Cluster, bouncer: Path) -> None:
    """Followers of the cursor that share a few pooled connections should all end with exactly what was committed."""
    dsn = crashing.dsn(DATABASE)
    with (
        private_directory() as directory,
        pooled(crashing, bouncer, directory) as way,
        postgrest(way.uri, directory / "rest", env=WITHOUT) as rest,
        proxy(rest.url) as front,
        requests.Session() as session,
        psycopg.connect(dsn, autocommit=True) as connection,
        ThreadPoolExecutor(FOLLOWERS) as pool,
    ):
        session_id = add_session(connection)
        pollers = [HttpPoller(session_id, client=Client(front.url, session)) for _ in range(FOLLOWERS)]
        writers = [Writer(dsn, session_id, f"pool/{number}", 12) for number in range(4)]
        with writing(writers) as threads:
            following = [
                pool.submit(poll_until, dsn, [poller], lambda: not any(thread.is_alive() for thread in threads))
                for poller in pollers
            ]
        for each in following:
            each.result()
        finish(connection, writers)
        for poller in pollers:
            poller.poll(connection)
            assert poller.polls > 1
            assert set(poller.seen) == committed(connection, session_id)
        count = "select count(*) from pg_stat_activity where usename = 'session_events_authenticator'"
        assert connection.execute(count).fetchone() == (POOL,)


@long
def test_what_it_costs(crashing: Cluster, bouncer: Path) -> None:
    """Idle polls through it should all be answered; prints what they take beside those that go directly."""
    name, load = generator(wrk=True)
    with (
        private_directory() as directory,
        pooled(crashing, bouncer, directory, size=10) as way,
        postgrest(authenticator_uri(crashing.dsn(DATABASE)), directory / "direct") as direct,
        postgrest(way.uri, directory / "through", env=WITHOUT) as through,
        proxy(direct.url) as directly,
        proxy(through.url) as behind,
        psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as connection,
    ):
        targets = idle_polls(connection, Client(directly.url))
        fronts = {
            "direct": (directly.url, {"proxy": directly.pid, "PostgREST": direct.pid}),
            "PgBouncer": (behind.url, {"proxy": behind.pid, "PostgREST": through.pid, "PgBouncer": way.pid}),
        }
        for connections in (1, 16):

            def met(url: str, pids: dict[str, int], connections: int = connections) -> tuple[float, float]:
                before = spent(pids, crashing)
                found = load(url, targets, connections=connections, seconds=SECONDS)
                assert found.errors == 0
                taken = sum(between(before, spent(pids, crashing)).values())
                return found.p50, taken / found.requests * 1000

            rounds = alternate({name: partial(met, *front) for name, front in fronts.items()}, ROUNDS)
            for place, what in enumerate(("median answer", "processor time a poll")):
                one, other = ([round_[place] for round_ in rounds[name]] for name in ("direct", "PgBouncer"))
                print(
                    f"{connections} connections, {what}: direct {spread(one)} ms, PgBouncer {spread(other)} ms,"
                    f" {ratio(other, one)} times ({name}, {ROUNDS} rounds)"
                )


def idle_polls(connection: psycopg.Connection[Any], client: Client) -> list[str]:
    """Polls of a hundred sessions that find nothing new."""
    sessions = [add_session(connection) for _ in range(100)]
    for session_id in sessions:
        add_events(connection, session_id, spread_events(10))
    connection.execute("vacuum (analyze) public.events")
    with client.session:
        cursors = {session_id: client.page(session_id)["cursor"] for session_id in sessions}
    return [path(session_id, {"cursor": cursor}) for session_id, cursor in cursors.items()]
