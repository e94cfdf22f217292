"""The plans of session_events(): the index made for the question, whatever the size, the filter and the statistics."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from stack.postgres import Cluster
from tests.plans.explain import Explained, Statement, explaining
from tests.polling.pollers import call
from tests.support.large import ERRORS_EVERY, SIZES, LargeDatabase, fill

# More than the five calls after which PostgreSQL may change to a generic plan.
CALLS = 7
LIMIT = 100

STATISTICS = {
    "fresh": [],
    # What the planner sees before the first vacuum and analyze.
    "none": [
        "delete from pg_statistic where starelid = 'public.events'::regclass",
        "update pg_class set reltuples = -1, relpages = 0, relallvisible = 0 where oid = 'public.events'::regclass",
    ],
    # What it sees when the table was analyzed while it was tiny.
    "of a tiny table": [
        "delete from pg_statistic where starelid = 'public.events'::regclass",
        "update pg_class set reltuples = 10, relpages = 1, relallvisible = 0 where oid = 'public.events'::regclass",
    ],
    "analyzed, not vacuumed": ["update pg_class set relallvisible = 0 where oid = 'public.events'::regclass"],
}
FILTERS: dict[str, tuple[str, dict[str, object]]] = {
    "everything": ("events_by_time", {}),
    "since": ("events_by_time", {"p_since": "2026-01-13T14:30:00.050000Z"}),
    "page": ("events_by_time", {"p_page": 3}),
    "past the end": ("events_by_time", {"p_page": 10**9}),
    "rare type": ("events_by_type", {"p_event_type": "error"}),
    "frequent type": ("events_by_type", {"p_event_type": "info"}),
    "missing type": ("events_by_type", {"p_event_type": "nothing"}),
    "type since": ("events_by_type", {"p_event_type": "info", "p_since": "2026-01-13T14:30:00.050000Z"}),
}


@pytest.fixture(scope="module")
def large(cluster: Cluster) -> Iterator[LargeDatabase]:
    """Sessions of three sizes in one table; gone afterwards, for they take some 700 MB of disk."""
    cluster.create_database("plans")
    yield fill(cluster.dsn("plans"))
    with psycopg.connect(cluster.dsn("postgres"), autocommit=True) as connection:
        connection.execute("drop database plans")


@pytest.fixture(params=STATISTICS)
def connection(large: LargeDatabase, request: pytest.FixtureRequest) -> Iterator[psycopg.Connection[Any]]:
    """A connection that sees statistics in one of the states; nobody else does, and nothing is kept."""
    with psycopg.connect(large.dsn) as connection:
        for statement in STATISTICS[request.param]:
            connection.execute(statement)
        yield connection
        connection.rollback()


def calls(connection: psycopg.Connection[Any], arguments: dict[str, object]) -> Iterator[tuple[Explained, int, int]]:
    """Each call's statements, with the number of rows it returned and its total."""
    for _ in range(CALLS):
        with explaining(connection) as explained:
            rows, headers = call(connection, arguments)
        yield explained, len(rows), int(headers["Total-Count"])


def entries(statement: Statement) -> dict[str, int]:
    """How many entries of each index the statement read, where it read any."""
    read: dict[str, int] = {}
    for scan in statement.scans():
        index = scan.get("Index Name", scan["Node Type"])
        rows = (scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0)) * scan["Actual Loops"]
        read[index] = read.get(index, 0) + round(rows)
    return {index: rows for index, rows in read.items() if rows}


def sorts(statement: Statement) -> list[int]:
    """How many rows each sort in the statement sorted."""
    return [node["Actual Rows"] for node in statement.nodes if "Sort" in node["Node Type"]]


def kinds(statement: Statement) -> set[str]:
    """The kinds of scans that read public.events in the statement."""
    return {scan["Node Type"] for scan in statement.scans()}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", FILTERS)
def test_page_and_count_read_one_index(
    large: LargeDatabase, connection: psycopg.Connection[Any], size: int, name: str
) -> None:
    """The count should read its index alone, and the page no more of the same index than its own depth; no sort."""
    index, arguments = FILTERS[name]
    page = int(str(arguments.get("p_page", 1)))
    for explained, returned, total in calls(
        connection, {"p_session_id": large.sessions[size], "p_limit": LIMIT, **arguments}
    ):
        count = explained.one("count")
        assert entries(count) == ({index: total} if total else {}), count
        assert (kinds(count), sorts(count)) == ({"Index Only Scan"}, []), count
        assert entries(explained.one("polls")) == {}, explained.one("polls")
        if total:
            rows = explained.one("page")
            assert entries(rows).get(index, 0) <= min(page * LIMIT + 1, total), rows
            assert entries(rows).get(index, 0) >= returned, rows
            assert (kinds(rows), sorts(rows)) == ({"Index Scan"}, []), rows


@pytest.mark.parametrize("size", SIZES)
def test_cursor_reads_only_what_is_new(large: LargeDatabase, connection: psycopg.Connection[Any], size: int) -> None:
    """A poll with a cursor should read the entries written since, and sort only them, however large the session is."""
    session_id = large.sessions[size]
    cursor = call(connection, {"p_session_id": session_id})[1]["Events-Cursor"]
    connection.execute(
        "insert into public.events select gen_random_uuid(), %s, null, 'info', '{}', null, now()"
        " from generate_series(1, 3)",
        [session_id],
    )
    for explained, returned, total in calls(connection, {"p_session_id": session_id, "p_cursor": cursor}):
        assert returned == total == 3
        assert entries(explained.one("polls")) == {"events_by_xid": 3}, explained.one("polls")
        assert explained.all("count") == []
        rows = explained.one("page")
        assert (entries(rows), kinds(rows), sorts(rows)) == ({"events_by_xid": 3}, {"Index Scan"}, [3]), rows


@pytest.mark.parametrize("arguments", [{}, {"p_event_type": "info"}], ids=["everything", "type"])
def test_walk_reads_only_its_page(
    large: LargeDatabase, connection: psycopg.Connection[Any], arguments: dict[str, object]
) -> None:
    """A page of a walk should count nothing and read its own events and the next page's first, however deep it is."""
    index = "events_by_type" if arguments else "events_by_time"
    for size in SIZES[1:]:
        _, answer = call(
            connection,
            {"p_session_id": large.sessions[size], "p_limit": LIMIT, "p_page": size // LIMIT // 2, **arguments},
        )
        for _ in range(CALLS):
            with explaining(connection) as explained:
                rows, answer = call(connection, {"p_session_id": large.sessions[size], "p_next": answer["Events-Next"]})
            assert len(rows) == LIMIT
            assert entries(explained.one("polls")) == {}, explained.one("polls")
            assert explained.all("count") == []
            page = explained.one("page")
            assert (entries(page), kinds(page), sorts(page)) == ({index: LIMIT + 1}, {"Index Scan"}, []), page


def test_index_only_scans_do_not_visit_the_table(large: LargeDatabase) -> None:
    """On a vacuumed table the counts should be index-only in fact: no heap fetch at all."""
    with psycopg.connect(large.dsn, autocommit=True) as connection:
        # Other tests rolled back: a vacuum leaves a few dead rows to the next one, and their pages not all-visible.
        connection.execute("vacuum (index_cleanup on) public.events")
        for arguments in ({}, {"p_event_type": "error"}):
            with explaining(connection) as explained:
                _, headers = call(connection, {"p_session_id": large.sessions[10_000], **arguments})
            assert int(headers["Total-Count"]) == (10_000 // ERRORS_EVERY if arguments else 10_000)
            count = explained.one("count")
            assert [scan["Heap Fetches"] for scan in count.scans()] == [0], count
