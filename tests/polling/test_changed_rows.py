"""A row that is changed, or comes from elsewhere, is told under its id; the newest telling counts."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from addresses import conninfo
from stack.binaries import server_program
from stack.datadir import private_directory
from stack.postgres import Cluster
from stack.process import plain_environment
from tests.polling.conftest import DATABASE
from tests.polling.pollers import CursorPoller, Poller, committed_events
from tests.polling.test_lossless import poll_until
from tests.polling.writers import Writer, finish, writing
from tests.support.rows import add_events, add_session, spread

Connection = psycopg.Connection[Any]

EVENTS, CHANGED = 50, 20
MERGE = """
merge into public.events as e using unnest(%(ids)s::uuid[]) as given (id) on e.id = given.id
when matched then update set message = 'merged'
"""
UPSERT = """
insert into public.events select * from public.events where id = any(%(ids)s)
on conflict (id) do update set message = 'met again'
"""
CHANGES = {
    "message": "update public.events set message = 'changed' where id = any(%(ids)s)",
    "no message": "update public.events set message = null where id = any(%(ids)s)",
    "type": "update public.events set event_type = 'error' where id = any(%(ids)s)",
    "data": """update public.events set event_data = '{"changed": true}' where id = any(%(ids)s)""",
    "time": """update public.events set "timestamp" = "timestamp" - interval '1 day' where id = any(%(ids)s)""",
    "old xid": "update public.events set message = 'changed', insert_xid = '3' where id = any(%(ids)s)",
    "upsert": UPSERT,
    "merge": MERGE,
}
CHANGE = CHANGES["message"]


@pytest.fixture
def owner(database: str) -> Iterator[Connection]:
    """A connection of the tables' owner; each statement is committed at once."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def poller(owner: Connection) -> CursorPoller:
    """A follower that has been told all that its session has."""
    session_id = add_session(owner)
    add_events(owner, session_id, spread(EVENTS))
    follower = CursorPoller(session_id)
    follower.poll(owner)
    return follower


def some(poller: CursorPoller) -> dict[str, list[UUID]]:
    """Arguments of a statement that changes some of what the follower knows."""
    return {"ids": [UUID(event_id) for event_id in sorted(poller.events)[:CHANGED]]}


def assert_told_again(poller: CursorPoller, owner: Connection, ids: list[UUID]) -> None:
    """One more poll tells just these events, once, as they now are."""
    before = poller.seen.copy()
    poller.poll(owner)
    assert poller.seen - before == {str(event_id): 1 for event_id in ids}
    assert poller.total == len(ids)
    assert poller.events == committed_events(owner, poller.session_id)


@pytest.mark.parametrize("role", ["origin", "replica"])
@pytest.mark.parametrize("change", CHANGES)
def test_changed_events_are_told_again(owner: Connection, poller: CursorPoller, change: str, role: str) -> None:
    """Whatever changes of an event and however, a follower should be told again, also where replication applies it."""
    owner.execute(f"set session_replication_role = {role}".encode())
    changed = some(poller)
    owner.execute(CHANGES[change].encode(), changed)
    assert_told_again(poller, owner, changed["ids"])
    assert_told_again(poller, owner, [])


def test_the_newest_of_two_changes_counts(owner: Connection, poller: CursorPoller) -> None:
    """An event that is changed twice between two polls should be told once, as it is in the end."""
    changed = some(poller)
    for change in ("message", "type", "no message"):
        owner.execute(CHANGES[change].encode(), changed)
    assert_told_again(poller, owner, changed["ids"])


def test_an_event_that_becomes_another_type_is_told_to_who_waits_for_that(owner: Connection) -> None:
    """A follower of one type should be told of an event that becomes of this type."""
    session_id = add_session(owner)
    add_events(owner, session_id, spread(EVENTS))
    poller = CursorPoller(session_id, event_type="error")
    poller.poll(owner)
    assert poller.events == {}
    (event_id, *_) = committed_events(owner, session_id)
    owner.execute(CHANGES["type"].encode(), {"ids": [UUID(event_id)]})
    poller.poll(owner)
    assert poller.events == {event_id: committed_events(owner, session_id)[event_id]}


def test_an_event_that_moves_to_another_session_is_told_there(owner: Connection, poller: CursorPoller) -> None:
    """A follower of the session that an event moves to should be told of it, and the other one of nothing."""
    elsewhere = CursorPoller(add_session(owner))
    elsewhere.poll(owner)
    moved = some(poller)
    owner.execute(
        "update public.events set session_id = %(session_id)s where id = any(%(ids)s)",
        {"session_id": elsewhere.session_id, **moved},
    )
    assert_told_again(elsewhere, owner, moved["ids"])
    poller.poll(owner)
    assert poller.total == 0


def test_a_change_that_commits_late_is_told(database: str, owner: Connection, poller: CursorPoller) -> None:
    """A change that was in flight during polls should be told once it is committed."""
    changed = some(poller)
    with psycopg.connect(database) as slow:
        slow.execute(CHANGE, changed)
        add_events(owner, poller.session_id, spread(3))
        poller.poll(owner)
        assert poller.total == 3
        poller.poll(owner)
        assert poller.total == 0
    assert_told_again(poller, owner, changed["ids"])


def test_a_prepared_change_is_told(owner: Connection, poller: CursorPoller) -> None:
    """A change in a prepared transaction should be told once that is committed."""
    changed = some(poller)
    owner.execute("begin")
    owner.execute(CHANGE, changed)
    owner.execute("prepare transaction 'change'")
    poller.poll(owner)
    assert poller.total == 0
    owner.execute("commit prepared 'change'")
    assert_told_again(poller, owner, changed["ids"])


def test_a_change_that_is_rolled_back_is_not_told(database: str, owner: Connection, poller: CursorPoller) -> None:
    """A change that is rolled back should never be told, neither before nor after."""
    known = dict(poller.events)
    with psycopg.connect(database) as undone:
        undone.execute(CHANGE, some(poller))
        poller.poll(owner)
        undone.rollback()
    assert_told_again(poller, owner, [])
    assert poller.events == known


def test_changes_in_savepoints(database: str, owner: Connection, poller: CursorPoller) -> None:
    """Of the changes of one transaction those in released savepoints should be told, and no others."""
    changed = some(poller)["ids"]
    kept, undone = changed[: CHANGED // 2], changed[CHANGED // 2 :]
    with psycopg.connect(database) as connection:
        connection.execute("select")
        with connection.transaction():
            connection.execute(CHANGE, {"ids": kept})
        with connection.transaction(force_rollback=True):
            connection.execute(CHANGE, {"ids": undone})
        poller.poll(owner)
        assert poller.total == 0
    assert_told_again(poller, owner, kept)


Restore = Callable[[], None]


def archived(connection: Connection, _dsn: str, _directory: Path) -> Restore:
    """A table of the same columns, from which the rows come back."""
    connection.execute("create table public.archive as table public.events")
    return lambda: returned(connection)


def returned(connection: Connection) -> None:
    """Inserts the archive."""
    connection.execute("insert into public.events select * from public.archive")


def archived_ahead(connection: Connection, dsn: str, directory: Path) -> Restore:
    """An archive of another database, whose counter of transactions was far ahead."""
    restore = archived(connection, dsn, directory)
    connection.execute("update public.archive set insert_xid = '4000000000'")
    return restore


def replicated(connection: Connection, dsn: str, directory: Path) -> Restore:
    """An archive that is written as replication writes, under which ordinary triggers stay silent."""
    restore = archived(connection, dsn, directory)
    connection.execute("set session_replication_role = replica")
    return restore


def copied(connection: Connection, _dsn: str, _directory: Path) -> Restore:
    """COPY with every column."""
    with connection.cursor().copy("copy public.events to stdout") as copy:
        data = [bytes(block) for block in copy]

    def restore() -> None:
        with connection.cursor().copy("copy public.events from stdin") as copy:
            for block in data:
                copy.write(block)

    return restore


def dumped(_connection: Connection, dsn: str, directory: Path) -> Restore:
    """A data-only dump."""
    file = directory / "events.dump"
    run_client("pg_dump", dsn, "--format=custom", "--data-only", "--table=public.events", f"--file={file}")
    dbname = conninfo.parameters(dsn)["dbname"]
    return lambda: run_client("pg_restore", dsn, "--exit-on-error", "--data-only", f"--dbname={dbname}", str(file))


def run_client(program: str, dsn: str, *options: str) -> None:
    """Runs a client program of PostgreSQL against a database."""
    environment = {**plain_environment(), **conninfo.environment(dsn)}
    subprocess.run([server_program(program), *options], env=environment, check=True)


@pytest.mark.parametrize("saved", [archived, archived_ahead, replicated, copied, dumped])
def test_rows_from_elsewhere_are_told(
    database: str, owner: Connection, saved: Callable[[Connection, str, Path], Restore]
) -> None:
    """Rows that come back with their old transaction ids under a client that polls should be told, and once."""
    session_id = add_session(owner)
    events = spread(CHANGED)
    add_events(owner, session_id, events)
    with private_directory() as directory:
        restore = saved(owner, database, directory)
        owner.execute("delete from public.events")
        poller = CursorPoller(session_id)
        poller.poll(owner)
        restore()
    assert_told_again(poller, owner, [event.id for event in events])
    assert_told_again(poller, owner, [])


def test_followers_end_with_what_is_committed(crashing: Cluster, seed: int) -> None:
    """Whatever writers write, change and delete, and with a crash in between, the newest tellings should be the table.

    Deletions are not told; and who asks for one type is not told when an event becomes of another.
    """
    dsn = crashing.dsn(DATABASE)
    with psycopg.connect(dsn, autocommit=True) as connection:
        session_id = add_session(connection)
    # Pages by number shift where events are deleted, so each poll is one page.
    everything, errors = CursorPoller(session_id, limit=1000), CursorPoller(session_id, event_type="error", limit=1000)
    pollers: list[Poller] = [everything, errors]
    before, after = (
        [Writer(dsn, session_id, f"{seed}/{when}/{number}", 12, changes=True) for number in range(4)]
        for when in ("before", "after")
    )
    with writing(before) as threads:
        poll_until(dsn, pollers, lambda: sum(thread.is_alive() for thread in threads) <= 2)
        crashing.kill()
    crashing.start()
    with writing(after) as threads:
        poll_until(dsn, pollers, lambda: not any(thread.is_alive() for thread in threads))
    with psycopg.connect(dsn, autocommit=True) as connection:
        finish(connection, [*before, *after])
        for poller in pollers:
            poller.poll(connection)
        there = committed_events(connection, session_id)
    assert len(there) > 30
    assert {event_id: everything.events.get(event_id) for event_id in there} == there
    of_the_type = {event_id: event for event_id, event in there.items() if event.event_type == "error"}
    assert {event_id: errors.events.get(event_id) for event_id in of_the_type} == of_the_type
