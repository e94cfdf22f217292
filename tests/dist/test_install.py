"""docs/install.md, block by block, in a Debian of its own. It takes minutes: LONG=1."""

import json
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from stack.binaries import REPOSITORY
from stack.datadir import private_directory
from stack.postgres import Cluster
from stack.postgres import cluster as running_cluster
from tests.dist.machine import Machine, machine
from tests.dist.pages import assert_ready, blocks
from tests.migrations.scripts import dump, run
from tests.support.long import long
from tests.support.programs import need
from tests.support.rows import add_events, add_session, spread
from tests.support.waiting import wait_until

pytestmark = long

PAGE = (REPOSITORY / "docs" / "install.md").read_text(encoding="utf-8")
PARENT = REPOSITORY / "tests" / "migrations" / "parent.sql"
# Where the database's socket is in the tree: "elsewhere", for a machine without a network.
DATABASE = "/mnt/database"
ARCHIVE = "/mnt/archive"
VERSION, NEXT = "2.0.0", "2.0.1"
UNITS = ("session-events-postgrest", "session-events-proxy")
HUNG_SECONDS = 10
OWNER, PASSWORD = "product_owner", "the owner's password"


def _blocks(heading: str) -> list[str]:
    return blocks(PAGE, heading)


@dataclass(frozen=True)
class Server:
    """The machine with everything installed, and the product's database."""

    machine: Machine
    database: Cluster
    before: str

    def do(self, heading: str, which: int, given: str = "") -> str:
        """Runs one block."""
        return self.machine.shell(_blocks(heading)[which], given)

    def connect(self) -> psycopg.Connection[Any]:
        """A connection of the product's."""
        return psycopg.connect(self.database.dsn("product"), autocommit=True)


@pytest.fixture(scope="module")
def server(archive: Path) -> Iterator[Server]:
    """Everything up to the running site, as the page says."""
    need("debootstrap", "unshare", "nsenter")
    if os.geteuid() != 0:
        pytest.fail("only root can make a machine")
    with (
        private_directory() as directory,
        running_cluster(directory / "postgres", settings={"fsync": "off"}) as database,
        machine({database.socket_dir: DATABASE, archive.parent: ARCHIVE}) as bare,
    ):
        database.socket_dir.chmod(0o755)
        database.create_database("product")
        run(database.dsn("product"), PARENT)
        with psycopg.connect(database.dsn("postgres")) as connection:
            login = sql.SQL("create role {} superuser login password {}")
            connection.execute(login.format(sql.Identifier(OWNER), PASSWORD))
        before = dump(database.dsn("product"))
        (where,) = _blocks("")
        bare.shell(_elsewhere(where, archive, database.port))
        for heading in ("Packages", "Files", "Users"):
            for block in _blocks(heading):
                bare.shell(block)
        # There is no registry once it is booted.
        bare.shell(f"export VERSION={NEXT}\n" + "\n".join(_blocks("Files")[0].splitlines()[:-1]))
        with bare.booted():
            ready = Server(bare, database, before)
            ready.do("Schema", 0, f"{PASSWORD}\n")
            ready.do("Schema", 1)
            ready.do("Secrets", 0)
            ready.do("Secrets", 1)
            assert_ready(ready.do("Units", 0))
            for which in range(2):
                ready.do("nginx", which)
            yield ready


def _elsewhere(block: str, archive: Path, port: int) -> str:
    """The first block with another database and archive."""
    given = {
        "PGHOST=db.example": f"PGHOST={DATABASE}",
        "PGPORT=5432": f"PGPORT={port}",
        "ARCHIVE=/root/session-events-api-2.0.0-linux-x86_64.tar.gz": f"ARCHIVE={ARCHIVE}/{archive.name}",
    }
    for before, after in given.items():
        assert before in block
        block = block.replace(before, after)
    return block


def test_events_come_by_the_site(server: Server) -> None:
    """The last command of the installation should print a page of events, over TLS and with the key."""
    with server.connect() as connection:
        session_id = add_session(connection)
        add_events(connection, session_id, spread(3))
    server.machine.shell(f"export SESSION={session_id}")
    assert json.loads(server.do("nginx", 2))["pagination"]["total"] == 3
    refused = server.machine.shell(_blocks("nginx")[2].replace("X-API-Key", "X-Other").replace("--fail ", ""))
    assert json.loads(refused)["status"] == 401


def test_secrets_are_kept(server: Server) -> None:
    """Neither user should read the other's secret, and the page of PostgREST's schema should be behind the socket."""
    for user, secret in (("session-events-proxy", "postgrest.env"), ("session-events-postgrest", "api-keys")):
        read = f"setpriv --reuid {user} --clear-groups cat /etc/session-events/{secret}"
        tried = server.machine.shell(f"{read} || echo no")
        assert tried.endswith("Permission denied\nno\n")
    listening = server.machine.shell("cat /proc/net/tcp /proc/net/tcp6")
    ports = {int(port, 16) for port in re.findall(r":([0-9A-F]{4}) [0-9A-F]+:0000 0A", listening)}
    assert ports == {80, 443, 8000}


def test_what_dies_is_started_again(server: Server) -> None:
    """Killed, both programs should be back by themselves."""
    server.machine.shell("systemctl kill --signal KILL session-events-postgrest session-events-proxy")
    assert_ready(server.machine.shell(_blocks("Units")[0].splitlines()[-1]))


def test_what_hangs_is_started_again(server: Server) -> None:
    """Both programs should be left alone as long as they answer, and be replaced when they stand still."""
    before = [_main_pid(server, unit) for unit in UNITS]
    threading.Event().wait(2 * HUNG_SECONDS)
    assert [_main_pid(server, unit) for unit in UNITS] == before
    server.machine.shell(f"kill -STOP {' '.join(before)}")
    wait_until(lambda: not {"0", *before} & {_main_pid(server, unit) for unit in UNITS}, "others run")
    assert_ready(server.machine.shell(_blocks("Units")[0].splitlines()[-1]))
    said = [server.machine.shell(f"journalctl --quiet --output cat --unit {unit}") for unit in UNITS]
    assert "Watchdog request (last status: It has not answered for 10 s.)!" in said[0]
    assert "Watchdog timeout (limit 10s)!" in said[1]


def test_reload(server: Server) -> None:
    """PostgREST should read the schema again, with nothing installed that the page does not name."""
    command = "journalctl --quiet --output cat --unit session-events-postgrest | grep --count 'Schema cache loaded'"
    before = int(server.machine.shell(command))
    server.machine.shell("systemctl reload session-events-postgrest")
    wait_until(lambda: int(server.machine.shell(command)) > before, "the schema has been read again")


def _main_pid(server: Server, unit: str) -> str:
    return server.machine.shell(f"systemctl show --property MainPID --value {unit}").strip()


def test_upgrade_and_rollback(server: Server) -> None:
    """A second version should run after its upgrade, and the first one again after the rollback."""
    for version in (NEXT, VERSION):
        told = server.machine.shell(f"export VERSION={version}\n" + _blocks("Upgrade")[0])
        assert_ready(told)
        running = server.machine.shell('readlink "/proc/$(systemctl show -P MainPID session-events-postgrest)/exe"')
        assert running.strip().endswith(f"/opt/session-events/{version}/postgrest/postgrest")


def test_uninstall(server: Server) -> None:
    """At the end nothing of ours should be left on the machine or in the database, and every row of theirs."""
    with server.connect() as connection:
        rows = connection.execute("select count(*) from public.events").fetchone()
    server.do("Uninstall", 0)
    server.do("Schema", 0, f"{PASSWORD}\n")
    server.do("Uninstall", 1)
    server.do("Uninstall", 2)
    assert dump(server.database.dsn("product")) == server.before
    with server.connect() as connection:
        assert connection.execute("select count(*) from public.events").fetchone() == rows
        assert connection.execute("select from pg_roles where rolname like 'session_events%'").fetchall() == []
    left = server.machine.shell("find / -xdev -name '*session-events*' -not -path '/mnt/*' -not -path '/root/*'")
    assert left.splitlines() == ["/var/log/nginx/session-events.log"]
    assert server.machine.shell("getent passwd | grep -c session-events || true").strip() == "0"
