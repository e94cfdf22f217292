"""The tables' owner against whoever deploys: impostors of what our SQL could look up, and objects put in its way."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from addresses import conninfo
from stack import migrations
from stack.binaries import REPOSITORY, sqitch
from stack.errors import StackError
from stack.postgres import Cluster
from tests.migrations.scripts import MIGRATIONS, psql
from tests.support.long import long

IMPOSTORS = Path(__file__).with_name("impostors.sql")
SEARCH_PATH = "set search_path = pg_catalog, pg_temp;"
SAFE = "-c search_path=pg_catalog"
WORDS = sorted(
    {
        word
        for file in (REPOSITORY / "db").rglob("*.sql")
        for word in re.findall(r"\b[a-z_0-9]+(?=\()", file.read_text())
    }
)
SESSION = "00000000-0000-4000-8000-000000000001"

# A table replaced by a view that calls a function of its owner's.
BAIT = """
create sequence public.witness;
create function public.bait() returns boolean language plpgsql as
$$ begin perform nextval('public.witness'); return true; end $$;
alter table public.replaced rename to hidden;
create view public.replaced as select * from public.hidden where public.bait();
comment on view public.replaced is '(created by session-events-api)';
"""


def by_stack(dsn: str, action: str) -> None:
    """As `make up` runs sqitch."""
    {"deploy": migrations.deploy, "verify": migrations.verify, "revert": migrations.revert}[action](dsn)


def by_hand(dsn: str, action: str) -> None:
    """As a person runs sqitch, with nothing but libpq's variables."""
    author = {"SQITCH_FULLNAME": "A DBA", "SQITCH_EMAIL": "dba@localhost"}
    subprocess.run(
        [sqitch(), action, *(["-y"] if action == "revert" else [])],
        check=True,
        cwd=REPOSITORY,
        env={**os.environ, **author, **conninfo.environment(dsn)},
    )


@pytest.fixture
def attacked(server: Cluster, parent: str) -> Iterator[str]:
    """The superuser's way to the parent's database, which belongs to the role `attacker`, tables and all."""
    name = conninfo.parameters(parent)["dbname"]
    with psycopg.connect(parent) as connection:
        connection.execute("create role attacker login password 'attacker'")
        connection.execute(f"alter database {name} owner to attacker")
        for table in ("sessions", "steps", "events"):
            connection.execute(f"alter table public.{table} owner to attacker")
    yield parent
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")
        connection.execute("drop role attacker")


def as_attacker(dsn: str) -> str:
    """The attacker's way to the same database."""
    return conninfo.uri({**conninfo.parameters(dsn), "user": "attacker", "password": "attacker"})


def taken_over(dsn: str) -> tuple[bool, bool]:
    """Whether an impostor has run as somebody else, and whether its owner has become a superuser."""
    with psycopg.connect(dsn, options=SAFE) as connection:
        called = connection.execute("select is_called from public.witness").fetchone()
        rich = connection.execute("select rolsuper from pg_roles where rolname = 'attacker'").fetchone()
    assert called
    assert rich
    return called[0], rich[0]


@pytest.mark.parametrize("kind", ["deploy", "revert", "verify"])
def test_every_script_sets_the_path(kind: str) -> None:
    """The first statement of every script should be the one that keeps public out of the search path."""
    for file in (MIGRATIONS / kind).glob("*.sql"):
        statements = [line for line in file.read_text().splitlines() if line and not line.startswith("--")]
        assert statements[0] == SEARCH_PATH, file
        assert not any(re.match(r"\s*(set|reset) (local )?search_path", line) for line in statements[1:]), file


@pytest.mark.parametrize("run", [by_stack, pytest.param(by_hand, marks=long)])
def test_impostors_never_run(run: Callable[[str, str], None], attacked: str) -> None:
    """Deploy, verify, a poll and revert should run nothing that the tables' owner has put into public."""
    forged = psql(as_attacker(attacked), "--set", f"words={{{','.join(WORDS)}}}", "--file", str(IMPOSTORS))
    assert forged.returncode == 0, forged.stdout
    run(attacked, "deploy")
    run(attacked, "verify")
    with psycopg.connect(attacked) as connection:
        connection.execute("set role session_events_reader")
        connection.execute("select * from api.session_events(%s)", [SESSION])
    run(attacked, "revert")
    assert taken_over(attacked) == (False, False)

    with psycopg.connect(attacked) as careless:
        careless.execute("select convert_to('x'::pg_catalog.text, 'UTF8'::pg_catalog.text)")
    assert taken_over(attacked) == (True, True), "impostors that cannot bite prove nothing"


@pytest.mark.parametrize(
    "trap",
    [
        "create schema sqitch; create table sqitch.changes (); ",
        "create schema events_internal",
        "create schema api",
    ],
)
@pytest.mark.parametrize("action", [migrations.deploy, migrations.verify, migrations.revert])
def test_schema_of_somebody_else(action: Callable[[str], None], trap: str, attacked: str) -> None:
    """Where a schema that sqitch or our scripts use belongs to somebody else, nothing should run at all."""
    assert psql(as_attacker(attacked), "--command", trap).returncode == 0
    with pytest.raises(StackError, match=r"would not be safe(.|\n)*attacker"):
        action(attacked)
    with psycopg.connect(attacked) as connection:
        assert connection.execute("select to_regclass('sqitch.projects')").fetchone() == (None,)


def test_function_of_somebody_else(attacked: str) -> None:
    """A procedure that the tables' owner has deployed should not be called by a superuser who comes later."""
    migrations.deploy(attacked)
    with psycopg.connect(attacked) as connection:
        connection.execute("alter procedure events_internal.execute_patiently owner to attacker")
    with pytest.raises(StackError, match=r"execute_patiently\(text\) is owned by, attacker"):
        migrations.revert(attacked)


@pytest.mark.parametrize("replaced", ["sessions", "events"])
def test_view_in_the_place_of_a_table(replaced: str, attacked: str) -> None:
    """A view that stands where a table was should be refused, and not be read to find that out."""
    assert psql(as_attacker(attacked), "--command", BAIT.replace("replaced", replaced)).returncode == 0
    with pytest.raises(StackError, match=f"public.{replaced} is missing or no table"):
        migrations.deploy(attacked)
    assert taken_over(attacked) == (False, False)


def test_view_in_the_place_of_our_table(empty: str) -> None:
    """A view that stands where the deploy had made a table should be refused by the revert, and not be read."""
    migrations.deploy(empty)
    assert psql(empty, "--command", BAIT.replace("replaced", "events")).returncode == 0
    result = psql(empty, "--file", str(MIGRATIONS / "revert" / "events.sql"))
    assert "public.events is no table any more" in result.stdout
    with psycopg.connect(empty) as connection:
        assert connection.execute("select is_called from public.witness").fetchone() == (False,)
