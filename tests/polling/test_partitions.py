"""public.events as a partitioned table: what the function, its plans and a follower of the cursor make of it."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from stack import migrations
from stack.binaries import REPOSITORY
from stack.errors import StackError
from stack.postgres import Cluster
from tests.migrations.conftest import PARENT
from tests.migrations.scripts import deploy, dump, psql, query, run, script
from tests.plans.explain import explaining
from tests.polling.pollers import CursorPoller, call
from tests.polling.test_lossless import committed, written_while_polled
from tests.polling.test_standby import cursor_of
from tests.polling.writers import finish
from tests.support.rows import START, Event, add_events, add_session, spread

Connection = psycopg.Connection[Any]
RECIPE = REPOSITORY / "docs" / "partition-events.sql"
BETWEEN = "2026-01-13 14:31Z"
# How events are split, what the primary key must hold for it, and the partitions.
STRATEGIES: dict[str, tuple[str, str, dict[str, str]]] = {
    "time": (
        'range ("timestamp")',
        '"timestamp"',
        {
            "events_old": f"from (minvalue) to ('{BETWEEN}')",
            "events_new": f"from ('{BETWEEN}') to ('2030-01-01Z')",
            "events_2030": "from ('2030-01-01Z') to ('2040-01-01Z')",
            "events_2040": "from ('2040-01-01Z') to (maxvalue)",
        },
    ),
    "session": (
        "hash (session_id)",
        "session_id",
        {f"events_{number}": f"with (modulus 3, remainder {number})" for number in range(3)},
    ),
}


@pytest.fixture(params=STRATEGIES)
def strategy(request: pytest.FixtureRequest) -> str:
    """By what events are split."""
    return str(request.param)


@pytest.fixture(scope="module")
def partitioned(crashing: Cluster) -> Callable[[str], str]:
    """The owner's way to a database whose events were partitioned after the deploy; made at first use."""
    made: dict[str, str] = {}

    def database(strategy: str) -> str:
        if strategy not in made:
            name = f"partitioned_by_{strategy}"
            crashing.create_database(name)
            deploy(crashing.dsn(name))
            partition(crashing.dsn(name), strategy)
            made[strategy] = crashing.dsn(name)
        return made[strategy]

    return database


def partition(dsn: str, strategy: str) -> None:
    """Replaces public.events by a partitioned table, as the DBA's recipe does."""
    how, key, partitions = STRATEGIES[strategy]
    result = psql(dsn, f"--set=strategy={how}", f"--set=key={key}", f"--file={RECIPE}")
    assert result.returncode == 0, result.stdout
    with psycopg.connect(dsn) as connection:
        for name, values in partitions.items():
            connection.execute(f"create table public.{name} partition of public.events for values {values}".encode())


@pytest.fixture
def connection(partitioned: Callable[[str], str], strategy: str) -> Iterator[Connection]:
    """A connection to the partitioned database."""
    with psycopg.connect(partitioned(strategy), autocommit=True) as connection:
        yield connection


def told(connection: Connection, poller: CursorPoller) -> list[str]:
    """The events that a poll tells."""
    before = poller.seen.copy()
    poller.poll(connection)
    return sorted((poller.seen - before).elements())


def ids(events: list[Event]) -> list[str]:
    """The ids of events, as the API writes them."""
    return sorted(str(event.id) for event in events)


def test_partitioned_table_is_not_adopted(crashing: Cluster, strategy: str) -> None:
    """A table that is partitioned already should be refused before anything is built, with words that say why."""
    how, key, _ = STRATEGIES[strategy]
    name = f"adopted_by_{strategy}"
    crashing.create_database(name)
    dsn = crashing.dsn(name)
    run(dsn, PARENT)
    parents = psql(
        dsn,
        "--command=alter table public.events rename to events_before",
        f"--command=create table public.events (like public.events_before, primary key (id, {key})) partition by {how}",
    )
    assert parents.returncode == 0, parents.stdout
    before = dump(dsn)
    with pytest.raises(StackError, match="is partitioned"):
        migrations.deploy(dsn)
    assert dump(dsn) == before


def test_partitioning_refuses_the_cursors_of_before(crashing: Cluster, strategy: str) -> None:
    """Cursors of the table that was replaced should be refused, and all of its rows come to who starts again."""
    name = f"replaced_by_{strategy}"
    crashing.create_database(name)
    dsn = crashing.dsn(name)
    deploy(dsn)
    with psycopg.connect(dsn, autocommit=True) as connection:
        session_id = add_session(connection)
        events = spread(120)
        add_events(connection, session_id, events)
        cursor = cursor_of(connection, session_id)
        partition(dsn, strategy)
        connection.execute("insert into public.events select * from public.events_before")
        with pytest.raises(psycopg.DatabaseError) as refused:
            cursor_of(connection, session_id, cursor)
        assert refused.value.sqlstate == "SE003"
        poller = CursorPoller(session_id)
        assert told(connection, poller) == ids(events)
        assert told(connection, poller) == []
        connection.execute("drop table public.events_before")
        changes = ("events_by_time", "events_by_type", "events_by_xid", "privileges")
        run(dsn, *(script("verify", change) for change in changes))


def indexes(dsn: str) -> list[tuple[Any, ...]]:
    """Name, kind, columns and comment of every index of events that is there for speed alone."""
    return query(
        dsn,
        "select c.relname::text, substring(pg_get_indexdef(c.oid) from 'USING .*'), obj_description(c.oid, 'pg_class')"
        " from pg_index as i join pg_class as c on c.oid = i.indexrelid"
        " where i.indrelid = 'public.events'::regclass and not i.indisunique order by 1",
    )


def test_partitioned_table_has_the_indexes_of_before(database: str, strategy: str) -> None:
    """The table in partitions should have every index of the one before, the parent product's too."""
    before = indexes(database)
    assert "ix_events_step_id" in {name for name, *_ in before}
    partition(database, strategy)
    assert indexes(database) == before


def rights(dsn: str) -> list[tuple[Any, ...]]:
    """Who owns events, and who may do what with it."""
    return query(
        dsn,
        "select c.relowner::regrole::text, a.grantee::regrole::text, a.privilege_type, a.is_grantable"
        " from pg_class as c cross join aclexplode(c.relacl) as a where c.oid = 'public.events'::regclass"
        " order by 2, 3",
    )


def test_partitioned_table_has_the_rights_of_before(database: str) -> None:
    """The table in partitions should have the owner and the rights of the one before, whoever makes it."""
    with psycopg.connect(database) as connection:
        connection.execute("alter table public.events owner to session_events_authenticator")
        connection.execute("grant select on public.events to public")
        connection.execute("grant insert on public.events to session_events_reader with grant option")
    before = rights(database)
    partition(database, "time")
    assert rights(database) == before


def test_cursor_loses_nothing_across_partitions(
    partitioned: Callable[[str], str], connection: Connection, strategy: str
) -> None:
    """A follower of the cursor should end with exactly the committed events, in whatever partitions they are."""
    dsn = partitioned(strategy)
    session_id = add_session(connection)
    pollers = [CursorPoller(session_id), CursorPoller(session_id, event_type="error")]
    finish(connection, written_while_polled(dsn, dsn, session_id, strategy, pollers))
    for poller in pollers:
        poller.poll(connection)
        assert set(poller.seen) == committed(connection, session_id, poller.event_type)


def columns(connection: Connection, index: str) -> str:
    """The kind and the columns of an index."""
    row = connection.execute("select pg_get_indexdef(to_regclass(%s))", [f"public.{index}"]).fetchone()
    assert row is not None
    return str(row[0]).partition(" USING ")[2]


@pytest.mark.parametrize(
    ("index", "arguments"),
    [("events_by_time", {}), ("events_by_type", {"p_event_type": "error"}), ("events_by_xid", {"p_cursor": ""})],
)
def test_each_partition_is_read_by_its_index(
    connection: Connection, strategy: str, index: str, arguments: dict[str, str]
) -> None:
    """What is counted in a partition should be read from its part of the index made for it alone."""
    session_id = add_session(connection)
    cursor = call(connection, {"p_session_id": session_id})[1]["Events-Cursor"]
    # Half a minute on either side of where time splits them.
    add_events(connection, session_id, spread(60, event_type="error", start=START.replace(second=30)))
    connection.execute("vacuum (analyze) public.events")
    given = {name: value or cursor for name, value in arguments.items()}
    with explaining(connection) as explained:
        rows, _ = call(connection, {"p_session_id": session_id, **given})
    assert len(rows) == 60
    counts = explained.one("polls" if index == "events_by_xid" else "count")
    read = [
        node for node in counts.nodes if node.get("Relation Name", "").startswith("events_") and node["Actual Rows"]
    ]
    # What is new is hardly ever all-visible, so its rows are visited.
    wanted = "Index Scan" if index == "events_by_xid" else "Index Only Scan"
    assert {node["Node Type"] for node in read} == {wanted}, counts
    assert {columns(connection, node["Index Name"]) for node in read} == {columns(connection, index)}, counts
    if strategy == "session":
        # No other can hold any of the session, so one is looked at.
        assert len(read) == 1, counts


ATTACH = (
    f"alter table public.events attach partition public.archive for values from (minvalue) to ('{BETWEEN}')".encode()
)
# In one transaction: the column anew, without a rewrite, so that all rows count as written by it.
AS_NEW = b"""
begin;
alter table public.archive drop column insert_xid;
alter table public.archive add column insert_xid xid8 not null default pg_current_xact_id();
%s;
commit;
"""


def test_attached_rows_are_told_if_they_are_given_ids(partitioned: Callable[[str], str]) -> None:
    """Rows of an attached partition should be told where the same transaction gives them ids, and only there."""
    with psycopg.connect(partitioned("time"), autocommit=True) as connection:
        session_id = add_session(connection)
        poller = CursorPoller(session_id)
        present, old = spread(3), spread(4, start=START.replace(year=2025))
        add_events(connection, session_id, present)
        assert told(connection, poller) == ids(present)
        connection.execute("alter table public.events detach partition public.events_old")
        # As an archive brings them: with ids of long ago.
        connection.execute("create table public.archive (like public.events including defaults)")
        connection.execute("insert into public.archive select * from public.events_old")
        connection.execute(
            "insert into public.archive (id, session_id, event_type, event_data, timestamp, insert_xid)"
            " select u.id, %s, 'info', '{}', u.at, '3' from unnest(%s::uuid[], %s::timestamptz[]) as u (id, at)",
            [session_id, [event.id for event in old], [event.timestamp for event in old]],
        )
        connection.execute(ATTACH)
        assert told(connection, poller) == []
        connection.execute("alter table public.events detach partition public.archive")
        connection.execute(AS_NEW % ATTACH)
        assert told(connection, poller) == ids([*present, *old])
        assert told(connection, poller) == []


def test_detached_rows_are_gone_and_nothing_else(partitioned: Callable[[str], str]) -> None:
    """A detached partition should shrink the total, and change nothing for a follower."""
    with psycopg.connect(partitioned("time"), autocommit=True) as connection:
        session_id = add_session(connection)
        poller = CursorPoller(session_id)
        add_events(connection, session_id, [*spread(1, start=START.replace(year=2041)), *spread(2)])
        poller.poll(connection)
        connection.execute("alter table public.events detach partition public.events_2040")
        assert call(connection, {"p_session_id": session_id})[1]["Total-Count"] == "2"
        assert told(connection, poller) == []
        (new,) = spread(1)
        add_events(connection, session_id, [new])
        assert told(connection, poller) == [str(new.id)]


def test_a_row_that_moves_is_told_again(partitioned: Callable[[str], str]) -> None:
    """A row whose new time puts it into another partition should be told again, as any row that changes."""
    with psycopg.connect(partitioned("time"), autocommit=True) as connection:
        session_id = add_session(connection)
        poller = CursorPoller(session_id)
        events = spread(2)
        add_events(connection, session_id, events)
        poller.poll(connection)
        connection.execute("update public.events set timestamp = '2031-01-01Z' where id = %s", [events[0].id])
        assert told(connection, poller) == [str(events[0].id)]
        assert told(connection, poller) == []
