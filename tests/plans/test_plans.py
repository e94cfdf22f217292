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


def reads_only_index(statement: Statement, index: str) -> int:
    """Asserts that the table is read by an index-only scan of `index`, with no sort; returns the entries read."""
    scans = statement.scans()
    assert [(scan["Node Type"], scan.get("Index Name")) for scan in scans] == [("Index Only Scan", index)], statement
    assert not [node for node in statement.nodes if "Sort" in node["Node Type"]], statement
    return int(scans[0]["Actual Rows"] * scans[0]["Actual Loops"])


def fetches_rows_by_key(statement: Statement, rows: int) -> None:
    """Asserts that the rows of the page, and only they, are fetched by primary key in the order of the keys."""
    scans = statement.scans()
    assert [(scan["Node Type"], scan.get("Index Name")) for scan in scans] == [("Index Scan", "events_pkey")], statement
    assert not [node for node in statement.nodes if "Sort" in node["Node Type"]], statement
    assert scans[0]["Actual Loops"] == rows or rows == 0, statement


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", FILTERS)
def test_page_and_count_read_one_index(
    large: LargeDatabase, connection: psycopg.Connection[Any], size: int, name: str
) -> None:
    """Count and page keys should be index-only without a sort, and the page should read no more than its own depth."""
    index, arguments = FILTERS[name]
    page = int(str(arguments.get("p_page", 1)))
    for explained, returned, total in calls(
        connection, {"p_session_id": large.sessions[size], "p_limit": LIMIT, **arguments}
    ):
        assert reads_only_index(explained.one("count"), index) == total
        keys = reads_only_index(explained.one("keys"), index)
        assert keys <= min(page * LIMIT, total), explained.one("keys")
        fetches_rows_by_key(explained.one("rows"), returned)


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
        unseen = explained.one("unseen")
        assert returned == total == 3
        scans = unseen.scans()
        assert [(scan["Node Type"], scan["Index Name"]) for scan in scans] == [("Index Only Scan", "events_by_xid")]
        assert scans[0]["Actual Rows"] == 3, unseen
        assert [node["Actual Rows"] for node in unseen.nodes if node["Node Type"] == "Sort"] == [3], unseen
        fetches_rows_by_key(explained.one("rows"), returned)


def test_index_only_scans_do_not_visit_the_table(large: LargeDatabase) -> None:
    """On a vacuumed table the index-only scans should be so in fact: no heap fetch at all."""
    with psycopg.connect(large.dsn, autocommit=True) as connection:
        # Other tests rolled back: a vacuum leaves a few dead rows to the next one, and their pages not all-visible.
        connection.execute("vacuum (index_cleanup on) public.events")
        for arguments in ({}, {"p_event_type": "error"}):
            with explaining(connection) as explained:
                _, headers = call(connection, {"p_session_id": large.sessions[10_000], **arguments})
            assert int(headers["Total-Count"]) == (10_000 // ERRORS_EVERY if arguments else 10_000)
            for purpose in ("count", "keys"):
                statement = explained.one(purpose)
                assert [scan["Heap Fetches"] for scan in statement.scans()] == [0], statement
