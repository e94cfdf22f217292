"""Old sessions are deleted and old partitions go, as the documents say, while they and others are polled and written.

`LONG=1 pytest -s tests/polling/test_retention.py` does it with a million events, and prints what it takes.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from addresses import conninfo
from stack.binaries import REPOSITORY
from stack.datadir import private_directory
from stack.postgres import Cluster
from stack.postgrest import authenticator_uri, postgrest
from stack.proxy import proxy
from tests.dba.document import blocks
from tests.faults.pollers import FirstPages, Follower, Poller, Watch, watch
from tests.migrations.scripts import psql, run
from tests.plans.explain import explaining
from tests.polling.pollers import call
from tests.polling.states import exists
from tests.polling.test_partitions import RECIPE
from tests.support.client import Client
from tests.support.long import LONG
from tests.support.rows import add_events, add_session, add_step, spread
from tests.support.waiting import wait_until

Connection = psycopg.Connection[Any]
SIZE = 1_000_000 if LONG else 20_000
NEIGHBOURS = 2_000
PARTITIONS = REPOSITORY / "docs" / "partitions.md"
AT_ONCE = "Delete old sessions"
SPLIT = {"strategy": 'range ("timestamp")', "key": '"timestamp"'}
FILL = """
insert into public.events (id, session_id, step_id, event_type, event_data, message, "timestamp")
select gen_random_uuid(), %(session_id)s, (%(steps)s::uuid[])[1 + n %% 10],
    case when n %% 100 = 0 then 'error' else 'info' end,
    jsonb_build_object('n', n, 'file', 'src/main/java/Shop.java'), 'event ' || n,
    %(start)s::timestamptz + n * interval '1 ms'
from generate_series(1, %(size)s) as n
"""
# Rows of both on each page of the table, as sessions that went on at the same time have them.
FILL_BESIDE = """
insert into public.events (id, session_id, event_type, event_data, "timestamp")
select gen_random_uuid(), case n %% 2 when 0 then %s::uuid else %s end, 'info', '{}', timestamptz '2025-06-01Z'
from generate_series(1, %s) as n
"""


def documented(heading: str, language: str = "sql") -> list[str]:
    """The blocks of a section, of docs/dba.md or docs/partitions.md."""
    found = [*blocks(), *blocks(PARTITIONS)]
    return [block.text for block in found if (block.heading, block.language) == (heading, language)]


def fill(connection: Connection, session_id: UUID, year: int, size: int, steps: Sequence[UUID] = ()) -> None:
    """Events of a session in January of a year."""
    values = {"session_id": session_id, "steps": list(steps), "start": f"{year}-01-01Z", "size": size}
    connection.execute(FILL, values)


@contextmanager
def served(dsn: str) -> Iterator[str]:
    """A proxy over a database."""
    with (
        private_directory() as directory,
        postgrest(authenticator_uri(dsn), directory / "rest") as rest,
        proxy(rest.url) as front,
    ):
        yield front.url


@dataclass
class Clock(Poller):
    """Looks at how far `timestamp` is behind."""

    lag: float = 0.0

    def _read(self, body: dict[str, Any]) -> None:
        super()._read(body)
        self.lag = max(self.lag, time.time() - datetime.fromisoformat(body["timestamp"]).timestamp())


@contextmanager
def measured(what: str, connection: Connection, watching: Watch, clock: Clock) -> Iterator[None]:
    """Prints what something takes, and what those notice of it who poll the session that stays."""
    connection.execute("checkpoint")  # then every page that is changed goes into the WAL as a whole
    clock.lag = 0.0
    before, began = wal(connection), time.monotonic()
    yield
    written, ended = wal(connection) - before, time.monotonic()
    polls = [
        each
        for poller in watching.pollers
        for each in list(poller.seen)
        if poller.url == clock.url and each.ended > began and each.begun < ended
    ]
    seen = ", ".join(f"{status}: {times}" for status, times in sorted(Counter(e.status for e in polls).items()))
    print(
        f"{what}: {ended - began:.1f} s, {written / 1e6:.0f} MB WAL; {len(polls)} polls ({seen}),"
        f" longest answer {max((each.seconds for each in polls), default=0):.2f} s,"
        f" timestamp {clock.lag:.1f} s behind"
    )


def wal(connection: Connection) -> int:
    """How many bytes of WAL there have been."""
    row = connection.execute("select pg_current_wal_insert_lsn() - '0/0'").fetchone()
    assert row is not None
    return int(row[0])


def wait_until_answered(watching: Watch) -> None:
    """Waits until each poller has been answered a few times, from now on."""
    since = time.monotonic()
    wait_until(lambda: all(each.has_recovered(since) for each in watching.pollers), "polls go on")


def statuses(pollers: list[Poller]) -> set[int | str]:
    """What they have seen."""
    return {each.status for poller in pollers for each in list(poller.seen)}


def wait_until_told(connection: Connection, session_id: UUID, watching: Watch) -> None:
    """Waits until every follower of a session knows all that there is of it."""
    rows = connection.execute("select e.id::text from public.events as e where e.session_id = %s", [session_id])
    kept = {row[0] for row in rows}
    followers = [each for each in watching.pollers if isinstance(each, Follower) and str(session_id) in each.url]
    assert kept
    wait_until(lambda: all(kept <= each.ids for each in followers), "they know all events")


def visits(connection: Connection, session_id: UUID) -> int:
    """How often the count of a first page has to look into the table."""
    with explaining(connection) as explained:
        call(connection, {"p_session_id": session_id})
    return sum(node.get("Heap Fetches", 0) for node in explained.one("count").nodes)


@pytest.mark.parametrize("how", [0, 1], ids=["at once", "in batches"])
def test_session_deleted(database: str, tmp_path: Path, how: int) -> None:
    """Who polls a session that is deleted should end with 404, and nobody else notice it; vacuum mends the plans."""
    with psycopg.connect(database, autocommit=True) as connection, served(database) as url:
        doomed, stays, beside = (add_session(connection) for _ in range(3))
        connection.execute("update public.sessions set completed_at = '2025-06-01Z' where id = %s", [doomed])
        fill(connection, doomed, 2025, SIZE, [add_step(connection, doomed) for _ in range(10)])
        fill(connection, stays, 2026, NEIGHBOURS)
        connection.execute(FILL_BESIDE, [doomed, beside, 2 * NEIGHBOURS])
        connection.execute("vacuum (analyze) public.events")
        assert visits(connection, beside) == 0
        events_url = Client(url).events_url
        leaving = [Follower(events_url(doomed), {"limit": 1000}), FirstPages(events_url(doomed), {"limit": 10})]
        clock = Clock(events_url(stays), {"limit": 1})
        with watch(url, database, stays, *leaving, clock) as watching:
            wait_until(lambda: "next" in leaving[0].parameters, "a walk is under way")
            with measured("nothing", connection, watching, clock):
                wait_until_answered(watching)
            with measured(f"{SIZE} events {'in batches' if how else 'at once'}", connection, watching, clock):
                run_text(database, documented(AT_ONCE)[how], tmp_path)
            wait_until(lambda: all(poller.seen[-1].status == 404 for poller in leaving), "it is gone for its pollers")
            wait_until_told(connection, stays, watching)
            assert visits(connection, beside) > NEIGHBOURS / 2
            with measured("vacuum", connection, watching, clock):
                run_text(database, documented(AT_ONCE)[2], tmp_path)
        assert statuses(leaving) <= {200, 304, 404, 503, 504}
        assert statuses([poller for poller in watching.pollers if poller not in leaving]) <= {200, 304, 503, 504}
        totals = leaving[1].totals
        assert totals == sorted(totals, reverse=True)
        if how == 0:
            assert set(totals) == {SIZE + NEIGHBOURS}, "all of it or nothing"
        run_text(database, documented(AT_ONCE)[2], tmp_path)
        assert visits(connection, beside) == 0


PATIENTLY, CONCURRENTLY, FINALIZE = documented("Drop a partition")
DETACH = CONCURRENTLY.splitlines()[0].encode()
REPLAY_WAITS = "select from pg_locks where mode = 'AccessExclusiveLock' and not granted"
WAYS = {
    "dropped patiently": PATIENTLY,
    "detached concurrently, then dropped": CONCURRENTLY,
    # What the document warns of.
    "dropped at once": "drop table public.events_2025",
}


@pytest.mark.parametrize("way", list(WAYS) if LONG else list(WAYS)[:1])
def test_partition_dropped(database: str, tmp_path: Path, way: str) -> None:
    """While a partition is dropped behind a writer who stays open, polls should go on, and lose nothing that stays."""
    split(database)
    with (
        psycopg.connect(database, autocommit=True) as connection,
        psycopg.connect(database) as holder,
        ThreadPoolExecutor(1) as pool,
        served(database) as url,
    ):
        stays, other = add_session(connection), add_session(connection)
        fill(connection, stays, 2025, SIZE)
        fill(connection, stays, 2026, NEIGHBOURS)
        connection.execute("vacuum (analyze) public.events")
        clock = Clock(Client(url).events_url(stays), {"limit": 1})
        with watch(url, database, stays, clock) as watching:
            with measured("nothing", connection, watching, clock):
                wait_until_answered(watching)
            add_events(holder, other, spread(1))
            with measured(f"{SIZE} events, {way}", connection, watching, clock):
                dropping = pool.submit(run_text, database, WAYS[way], tmp_path)
                wait_until(lambda: waits(connection), "it waits for the writer")
                if way == "dropped at once":
                    watching.wait_for_polls(lambda each: each.status in (503, 504), "each poller is kept waiting")
                else:
                    wait_until_answered(watching)
                assert not dropping.done()
                holder.commit()
                dropping.result()
            wait_until_told(connection, stays, watching)
            wait_until(lambda: clock.totals[-1] < SIZE, "it is gone from the total")
        assert connection.execute("select to_regclass('public.events_2025')").fetchone() == (None,)
        assert statuses(watching.pollers) <= {200, 304, 503, 504}
        assert not [total for total in clock.totals if NEIGHBOURS + len(watching.writer.written) < total < SIZE]


def test_interrupted_detach_is_finalized(database: str) -> None:
    """A detach that was interrupted should have taken the rows out of the answers, and be ended by a second command."""
    split(database)
    with psycopg.connect(database, autocommit=True) as connection, psycopg.connect(database) as holder:
        session_id = add_session(connection)
        fill(connection, session_id, 2025, 3)
        fill(connection, session_id, 2026, 2)
        add_events(holder, session_id, spread(1))
        connection.execute("set lock_timeout = '50ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            connection.execute(DETACH)
        assert call(connection, {"p_session_id": session_id})[1]["Total-Count"] == "2"
        holder.commit()
        connection.execute(FINALIZE.encode())
        assert call(connection, {"p_session_id": session_id})[1]["Total-Count"] == "3"
        assert connection.execute("select count(*) from public.events_2025").fetchone() == (3,)


def test_detach_holds_up_writers_of_sessions(database: str) -> None:
    """A detach that waits for a writer of sessions should hold up no poll and no event, but others who write them."""
    split(database)
    with (
        psycopg.connect(database, autocommit=True) as connection,
        psycopg.connect(database, autocommit=True) as detaching,
        psycopg.connect(database) as holder,
        ThreadPoolExecutor(1) as pool,
    ):
        session_id, other = add_session(connection), add_session(connection)
        write = "update public.sessions set status = 'paused' where id = %s"
        holder.execute(write, [other])
        work = pool.submit(detaching.execute, DETACH)
        wait_until(lambda: waits(connection), "it waits for the writer")
        connection.execute("set lock_timeout = '50ms'")
        fill(connection, session_id, 2026, 2)
        assert call(connection, {"p_session_id": session_id})[1]["Total-Count"] == "2"
        with pytest.raises(psycopg.errors.LockNotAvailable):
            connection.execute(write, [session_id])
        holder.commit()
        work.result()
        connection.execute(write, [session_id])


def test_standby_with_a_long_reader(database: str, replica: Cluster) -> None:
    """Behind who reads a standby for long a detach should hold up replay alone, and a drop of a partition polls too."""
    split(database)
    there = replica.dsn(conninfo.parameters(database)["dbname"])
    with (
        psycopg.connect(database, autocommit=True) as primary,
        psycopg.connect(there, autocommit=True) as secondary,
        psycopg.connect(there) as reader,
    ):
        secondary.execute("alter system set max_standby_streaming_delay = -1")
        secondary.execute("select pg_reload_conf()")
        session_id = add_session(primary)
        fill(primary, session_id, 2026, 2)
        replayed = "select from public.events as e where e.session_id = %s"
        wait_until(lambda: secondary.execute(replayed, [session_id]).rowcount == 2, "it is replayed")
        reader.execute("select from public.events")
        primary.execute(DETACH)
        wait_until(lambda: exists(secondary, REPLAY_WAITS), "replay waits for the reader")
        assert call(secondary, {"p_session_id": session_id})[1]["Total-Count"] == "2"
        reader.rollback()
        wait_until(lambda: not exists(secondary, REPLAY_WAITS), "replay goes on")
        reader.execute("select from public.events")
        primary.execute(PATIENTLY.replace("2025", "2026").encode())
        wait_until(lambda: exists(secondary, REPLAY_WAITS), "replay waits for the reader")
        secondary.execute("set statement_timeout = '200ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            call(secondary, {"p_session_id": session_id})
        reader.rollback()
        wait_until(lambda: not exists(secondary, REPLAY_WAITS), "replay goes on")
        assert call(secondary, {"p_session_id": session_id})[1]["Total-Count"] == "0"


def split(dsn: str) -> None:
    """Events in partitions by year."""
    result = psql(dsn, *(f"--set={name}={value}" for name, value in SPLIT.items()), f"--file={RECIPE}")
    assert result.returncode == 0, result.stdout
    with psycopg.connect(dsn) as connection:
        for year in (2025, 2026):
            values = f"from ('{year}-01-01Z') to ('{year + 1}-01-01Z')"
            connection.execute(
                f"create table public.events_{year} partition of public.events for values {values}".encode()
            )


def waits(connection: Connection) -> bool:
    """Whether somebody waits for a lock to drop the partition, or for another try."""
    query = (
        "select count(*) from pg_stat_activity where query ~ 'events_2025' and wait_event_type in ('Lock', 'Timeout')"
    )
    return connection.execute(query).fetchone() != (0,)


def run_text(dsn: str, text: str, directory: Path) -> None:
    """What a DBA copies into psql."""
    file = directory / "copied.sql"
    file.write_text(text)
    run(dsn, file)
