"""What the SQL and the proxy must agree on, beside what the proxy can learn from an answer."""

import json
import re

import psycopg

from proxy.postgrest import written
from proxy.query import EventsQuery
from proxy.settings import Settings
from stack.binaries import REPOSITORY

DOORS = ("answer_polls", "session_events")
EVERYTHING = EventsQuery(**{name: "1" for name in EventsQuery._fields if name != "next"})
NEXT = EventsQuery(session_id="1", next="1")


def test_members_of_a_poll(scratch_dsn: str) -> None:
    """What the proxy writes about a poll should be the members that the SQL reads, for it passes over any other."""
    with psycopg.connect(scratch_dsn) as connection:
        rows = connection.execute(
            "select attname from pg_attribute where attrelid = 'events_internal.poll'::regclass and attnum > 0"
        ).fetchall()
    assert {*json.loads(written(EVERYTHING)), *json.loads(written(NEXT))} == {name for (name,) in rows}


def test_largest_page() -> None:
    """The bytes that a page may have by default should be the same number wherever it stands."""
    sources = [(REPOSITORY / "db" / "functions" / f"{name}.sql").read_text() for name in DOORS]
    told = re.findall(r"`MAX_RESPONSE_BYTES` \| `(\d+)`", (REPOSITORY / "docs" / "operations.md").read_text())
    numbers = [number for source in sources for number in re.findall(r"\b\d{6,}\b", source)]
    assert len(numbers) >= 2 * len(DOORS)
    assert {*numbers, *told} == {str(Settings.max_response_bytes)}
