"""The count of a session with many event types: PostgreSQL 18 can skip through an index by type, which costs more."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest

from stack.postgres import Cluster
from tests.migrations.scripts import deploy
from tests.plans.explain import explaining
from tests.plans.test_plans import entries
from tests.polling.pollers import call
from tests.support.rows import add_session

TYPES = 100
SESSIONS = 3
EVENTS = 5000
STATISTICS = {"none": "select 1", "analyzed": "analyze public.events", "vacuumed": "vacuum (analyze) public.events"}
# Everything, everything again, and a little of the session.
TIMES = {"": None, "old": "2026-01-01T00:00:00Z", "recent": "2026-01-13T14:29:50Z"}


@dataclass(frozen=True)
class ManyTypes:
    """A connection to a database whose sessions have many event types, and one of them."""

    connection: psycopg.Connection[Any]
    session_id: UUID


@pytest.fixture(scope="module", params=STATISTICS)
def many_types(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[ManyTypes]:
    """Sessions that end at half past two, as the planner knows them."""
    name = f"many_types_{request.param}"
    cluster.create_database(name)
    deploy(cluster.dsn(name))
    with psycopg.connect(cluster.dsn(name), autocommit=True) as connection:
        connection.execute("alter table public.events set (autovacuum_enabled = off)")
        sessions = [add_session(connection) for _ in range(SESSIONS)]
        for session_id in sessions:
            connection.execute(
                "insert into public.events select gen_random_uuid(), %s, null, 'type_' || n %% %s, '{}', null,"
                " timestamptz '2026-01-13T14:30:00Z' - n * interval '1 second' from generate_series(1, %s) as n",
                [session_id, TYPES, EVENTS],
            )
        connection.execute(STATISTICS[request.param])
        yield ManyTypes(connection, sessions[0])


@pytest.mark.parametrize("since", TIMES)
def test_count_is_read_from_the_index_by_time(many_types: ManyTypes, since: str) -> None:
    """Without a type in the question, the count should be one search of the index that has none in its way."""
    arguments: dict[str, object] = {"p_session_id": many_types.session_id, "p_since": TIMES[since]}
    with explaining(many_types.connection) as explained:
        call(many_types.connection, arguments)
    count = explained.one("count")
    assert set(entries(count)) == {"events_by_time"}, count
    assert [scan.get("Index Searches", 1) for scan in count.scans()] == [1], count
