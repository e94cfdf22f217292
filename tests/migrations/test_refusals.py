"""Databases that cannot be adopted: the deploy says why before it builds anything, and what is done stays done."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, LiteralString

import psycopg
import pytest

from addresses import conninfo
from stack import migrations
from stack.datadir import private_directory
from stack.errors import StackError
from stack.migrations import changes
from stack.postgres import Cluster, cluster, standby
from tests.migrations.scripts import deploy, dump, fingerprint, psql, query, revert, run, script
from tests.migrations.test_live import PATIENCE, until

COLUMN: LiteralString = (
    "select a.attnum, a.attmissingval::text from pg_attribute as a"
    " where a.attrelid = 'public.events'::regclass and a.attname = 'insert_xid'"
)


TRIGGER = """
create trigger stamp_writer before update on public.events
for each row execute function suppress_redundant_updates_trigger()
"""
PARTITIONS = """
alter table public.events rename to plain;
create table public.events (like public.plain) partition by range ("timestamp")
"""


@pytest.fixture(scope="module")
def lonely() -> Iterator[str]:
    """The way to a database on a server that has none of our roles yet."""
    with private_directory() as directory, cluster(directory / "postgres", settings={"fsync": "off"}) as server:
        yield server.dsn("postgres")


def execute(dsn: str, statement: str) -> None:
    """One statement, or several, that must succeed."""
    result = psql(dsn, "--command", statement)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("obstacle", "named"),
    [
        ("create index events_by_type on public.events (event_type)", "public.events_by_type is there"),
        ("create index events_by_time on public.sessions (id)", "public.events_by_time is there"),
        ("create view public.events_by_xid as select 1", "public.events_by_xid is there"),
        ("alter table public.events add column insert_xid bigint", "public.events has a column insert_xid"),
        (TRIGGER, "public.events has a trigger stamp_writer"),
        (PARTITIONS, "public.events is partitioned"),
        ("create schema api", "schema api is there"),
        ("create schema events_internal", "schema events_internal is there"),
        ("alter table public.events enable row level security", "row level security on public.events"),
        ("alter table public.sessions enable row level security", "row level security on public.sessions"),
        ("alter table public.events alter column event_type type text", "missing: event_type character varying"),
        (
            "create domain public.key as uuid; alter table public.steps alter column id type public.key",
            "missing: id uuid",
        ),
        ("drop table public.events", "public.events is missing"),
        ("drop table public.events, public.steps", "public.steps is missing"),
        (
            "drop table public.events, public.steps, public.sessions; create table public.orders (id integer)",
            "such as public.orders, but not sessions, steps and events",
        ),
    ],
)
def test_refused(obstacle: str, named: str, parent: str) -> None:
    """What stands in the way of an adoption should be named before anything is built."""
    execute(parent, obstacle)
    before = fingerprint(parent)
    with pytest.raises(StackError) as refused:
        migrations.deploy(parent)
    assert named in str(refused.value)
    assert fingerprint(parent) == before


@pytest.mark.parametrize(
    ("kept_from", "named"),
    [
        ("alter role deployer nocreaterole", "it lacks CREATEROLE."),
        ("revoke create on database {} from deployer", "it lacks CREATE on the database."),
        ("revoke create on schema public from deployer", "it lacks CREATE on schema public."),
        ("alter table public.steps owner to current_user", "it lacks the ownership of public.steps."),
        (
            "alter role deployer nocreaterole; alter table public.events owner to current_user",
            "it lacks the ownership of public.events, CREATEROLE.",
        ),
        ("alter role deployer in database {} set default_transaction_read_only = on", "are read-only"),
        ("create schema sqitch", "deployer may not read sqitch's registry"),
    ],
)
def test_role_without_a_right_refused(kept_from: str, named: str, parent: str, deployer: str) -> None:
    """A role that cannot deploy should be told why, before anything is built."""
    execute(parent, kept_from.format(conninfo.parameters(parent)["dbname"]))
    before = fingerprint(parent)
    with pytest.raises(StackError) as refused:
        migrations.deploy(deployer)
    assert named in str(refused.value)
    assert len(str(refused.value).splitlines()) == 2, "what is wrong, and what to do"
    assert fingerprint(parent) == before


@pytest.fixture
def deployer(parent: str) -> Iterator[str]:
    """The way of a role that has all rights to deploy to the parent product's database."""
    name = conninfo.parameters(parent)["dbname"]
    execute(
        parent,
        f"""
        create role deployer login createrole password 'deployer';
        grant create on database {name} to deployer;
        grant create on schema public to deployer;
        alter table public.sessions owner to deployer;
        alter table public.steps owner to deployer;
        alter table public.events owner to deployer
        """,
    )
    yield conninfo.uri({**conninfo.parameters(parent), "user": "deployer", "password": "deployer"})
    execute(parent, "reassign owned by deployer to current_user; drop owned by deployer; drop role deployer")


def test_standby_refused(server: Cluster, deployed: str) -> None:
    """On a standby the check before a deploy should name the primary; verify should pass where all is deployed."""
    with private_directory() as directory, standby(server, directory / "postgres") as replica:
        with pytest.raises(StackError, match=r"This is a standby.*\nDeploy to its primary"):
            migrations.deploy(replica.dsn("postgres"))
        name = conninfo.parameters(deployed)["dbname"]
        run(replica.dsn(name), *(script("verify", change) for change in changes()))


@pytest.mark.parametrize(
    "role",
    [
        "session_events_definer login",
        "session_events_reader superuser",
        "session_events_authenticator",
    ],
)
def test_role_of_somebody_else_refused(role: str, lonely: str) -> None:
    """A role of one of our names that is not ours should be refused, and be left as it is by a revert."""
    execute(lonely, f"create role {role}")
    before = fingerprint(lonely)
    with pytest.raises(StackError, match=f"role {role.split(maxsplit=1)[0]} is there"):
        migrations.deploy(lonely)
    run(lonely, script("revert", "roles"))
    assert fingerprint(lonely) == before
    execute(lonely, f"drop role {role.split(maxsplit=1)[0]}")


def test_role_that_became_more_refused(deployed: str, empty: str) -> None:
    """A role of ours that has been made more than it was should be refused by the next database's deploy."""
    execute(deployed, "alter role session_events_reader createrole")
    try:
        with pytest.raises(StackError, match="role session_events_reader is there"):
            migrations.deploy(empty)
    finally:
        execute(deployed, "alter role session_events_reader nocreaterole")


@pytest.mark.parametrize("index", ["events_by_time", "events_by_type", "events_by_xid"])
def test_index_of_somebody_else_stays(index: str, deployed: str) -> None:
    """An index of one of our names that the deploy did not make should stop its script, and stay at the revert."""
    run(deployed, script("revert", index))
    execute(deployed, f"create index {index} on public.events (id)")
    before = fingerprint(deployed)
    result = psql(deployed, "--file", str(script("deploy", index)))
    assert f"public.{index} is there and not ours" in result.stdout
    run(deployed, script("revert", index))
    assert fingerprint(deployed) == before


def test_column_of_somebody_else_stays(deployed: str) -> None:
    """A column insert_xid that the deploy did not make should stop its script, and stay at the revert."""
    run(deployed, *(script("revert", change) for change in ("events_stamped", "events_by_xid", "events_insert_xid")))
    execute(deployed, "alter table public.events add column insert_xid xid8 not null default pg_current_xact_id()")
    before = fingerprint(deployed)
    result = psql(deployed, "--file", str(script("deploy", "events_insert_xid")))
    assert "insert_xid that is not ours" in result.stdout
    run(deployed, script("revert", "events_insert_xid"))
    assert fingerprint(deployed) == before


def test_trigger_of_somebody_else_stays(deployed: str) -> None:
    """A trigger of our name that the deploy did not make should stop its script, and stay at the revert."""
    run(deployed, script("revert", "events_stamped"))
    execute(deployed, TRIGGER)
    before = fingerprint(deployed)
    result = psql(deployed, "--file", str(script("deploy", "events_stamped")))
    assert "trigger stamp_writer that is not ours" in result.stdout
    run(deployed, script("revert", "events_stamped"))
    assert fingerprint(deployed) == before


def test_schema_of_somebody_else_stays(deployed: str) -> None:
    """A schema of one of our names that somebody has made anew should stay at the revert."""
    execute(deployed, "drop schema api cascade; create schema api")
    run(deployed, *(script("revert", change) for change in ("events_autovacuum",)))
    execute(deployed, "drop schema events_internal cascade")
    run(deployed, script("revert", "schemas"))
    with psycopg.connect(deployed) as connection:
        assert connection.execute("select to_regnamespace('api') is not null").fetchone() == (True,)


@pytest.mark.parametrize(
    "option",
    ["autovacuum_vacuum_insert_threshold=5000", "autovacuum_vacuum_insert_scale_factor=0"],
)
def test_same_setting_of_the_parent_stays(option: str, parent: str) -> None:
    """A storage setting that the parent product had at our value already should survive the revert."""
    execute(parent, f"alter table public.events set ({option})")
    before = fingerprint(parent)
    deploy(parent)
    revert(parent)
    assert [line for line in fingerprint(parent) if "role" not in line] == [
        line for line in before if "role" not in line
    ]


def test_interrupted_build(parent: str) -> None:
    """What is done should stay done when a later step fails; the next deploy should finish an interrupted build."""
    with psycopg.connect(parent) as holder, psycopg.connect(parent, autocommit=True) as other:
        holder.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        holder.execute("select")  # a build waits for old snapshots, other steps do not
        with ThreadPoolExecutor(1) as pool:
            work = pool.submit(migrations.deploy, parent)
            until(parent, "select from pg_stat_progress_create_index where phase = 'waiting for old snapshots'", work)
            other.execute("select pg_cancel_backend(pid) from pg_stat_progress_create_index")
            with pytest.raises(StackError, match="canceling statement"):
                work.result(PATIENCE)
    assert ours(parent) == [("events_by_time", False)]
    stored = query(parent, COLUMN)

    execute(parent, "create index events_by_type on public.events (event_type)")
    with pytest.raises(StackError, match=r"public\.events_by_type is there and not ours"):
        migrations.deploy(parent)
    assert ours(parent) == [("events_by_time", True), ("events_by_type", True)]
    file = query(parent, "select pg_relation_filenode('public.events_by_time')")

    execute(parent, "drop index public.events_by_type")
    migrations.deploy(parent)
    migrations.verify(parent)
    assert query(parent, COLUMN) == stored
    assert query(parent, "select pg_relation_filenode('public.events_by_time')") == file


def ours(dsn: str) -> list[tuple[Any, ...]]:
    """The indexes with our names, and whether each is valid."""
    return query(
        dsn,
        "select c.relname::text, i.indisvalid from pg_index as i join pg_class as c on c.oid = i.indexrelid"
        " where c.relname like 'events\\_by\\_%' order by 1",
    )


def test_revert_of_an_interrupted_build(parent: str) -> None:
    """What an interrupted build has left should go when the adoption is given up."""
    before = dump(parent)
    for change in changes()[: changes().index("events_by_time")]:
        run(parent, script("deploy", change))
    execute(parent, "create index events_by_time on public.events (session_id)")
    execute(parent, "update pg_index set indisvalid = false where indexrelid = 'public.events_by_time'::regclass")
    for change in reversed(changes()[: changes().index("events_by_time")]):
        run(parent, script("revert", change))
    assert dump(parent) == before


def test_half_deployed(deployed: str) -> None:
    """Where our schemas are there but not sqitch's registry of them, the deploy should say what to restore."""
    execute(deployed, "drop schema sqitch cascade")
    before = fingerprint(deployed)
    with pytest.raises(StackError, match="restore sqitch's registry"):
        migrations.deploy(deployed)
    assert fingerprint(deployed) == before
    # The other way that docs/dba.md names.
    execute(deployed, "drop schema api, events_internal cascade")
    migrations.deploy(deployed)
    assert fingerprint(deployed) == before


@pytest.mark.parametrize("action", [migrations.deploy, migrations.verify, migrations.revert])
def test_newer_schema(action: Callable[[str], None], deployed: str) -> None:
    """A database that a newer version has deployed should be left to that version."""
    execute(
        deployed,
        "insert into sqitch.changes select 'f', 'f', 'from_the_future', project, note, committed_at, committer_name,"
        " committer_email, planned_at, planner_name, planner_email from sqitch.changes limit 1",
    )
    before = fingerprint(deployed)
    with pytest.raises(StackError, match="does not know: from_the_future; use the version that deployed them"):
        action(deployed)
    assert fingerprint(deployed) == before
