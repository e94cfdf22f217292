"""What the benchmark measures with."""

import shutil
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import requests

from bench import pgbench
from bench.contenders import BASE, check_agreement
from bench.document import MarkError, write
from bench.load import Generator, by_own_client, by_wrk
from bench.peers.servers import handwritten
from bench.rounds import alternate, percentile, ratio, spread
from bench.tables import Table
from stack.errors import StackError
from stack.whole import Stack
from tests.support.rows import add_events, add_session
from tests.support.rows import spread as events

WRK = pytest.param(
    by_wrk, 1, marks=pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not on PATH: apt-get install wrk")
)
OWN = pytest.param(by_own_client, 0.1)


def test_contenders_take_turns() -> None:
    """Each contender should run once a round, in the same order."""
    turns: list[str] = []
    results = alternate({"a": lambda: turns.append("a"), "b": lambda: turns.append("b")}, 3)
    assert turns == ["a", "b"] * 3
    assert {name: len(found) for name, found in results.items()} == {"a": 3, "b": 3}


def test_ratios_are_taken_within_each_round() -> None:
    """A disturbance that hits both contenders of a round should not show in their ratio."""
    assert ratio([2, 20, 4], [1, 10, 2]) == spread([2, 2, 2])


def test_percentile_is_a_measured_value() -> None:
    """The percentile should be the least value that so many per cent of all do not exceed."""
    values = [float(number) for number in range(100, 0, -1)]
    assert [percentile(values, percent) for percent in (50, 95, 99, 100)] == [50, 95, 99, 100]
    assert percentile([7.0], 50) == 7


@pytest.mark.parametrize(("load", "seconds"), [WRK, OWN])
def test_load_counts_requests_and_errors(running_stack: Stack, load: Generator, seconds: float) -> None:
    """A load should count what was answered, and every answer of 400 or more as an error."""
    good = load(f"{running_stack.proxy_url}/health", connections=2, seconds=seconds)
    assert good.requests > 0
    assert good.errors == 0
    assert 0 < good.p50 <= good.p95 <= good.p99
    bad = load(f"{running_stack.proxy_url}/nothing-here", connections=2, seconds=seconds)
    assert 0 < bad.requests == bad.errors


@pytest.mark.parametrize(("load", "seconds"), [WRK, OWN])
def test_load_keeps_its_pace(running_stack: Stack, load: Generator, seconds: float) -> None:
    """With a pause between requests there should be far fewer of them."""
    url = f"{running_stack.proxy_url}/health"
    assert load(url, connections=2, seconds=seconds, pace=seconds / 2).requests < 20


def test_servers_that_disagree_are_not_compared(running_stack: Stack, writer: psycopg.Connection[Any]) -> None:
    """Different events, or different totals, should stop the run and name both servers."""
    session_id = add_session(writer)
    add_events(writer, session_id, events(3))
    url = f"{running_stack.proxy_url}/api/v2/sessions/{session_id}/events"
    check_agreement("same", {"one": url, BASE: url})
    with pytest.raises(StackError, match=r"one and hand-written.* different events for: fewer"):
        check_agreement("fewer", {"one": f"{url}?limit=1", BASE: url})
    with pytest.raises(StackError, match=r"one and hand-written.* different totals for: larger"):
        check_agreement("larger", {"one": f"{url}?limit=50", BASE: url})


def test_pgbench_gives_each_latency_or_says_what_went_wrong(database_url: str) -> None:
    """Each transaction should have its latency; SQL that fails should show PostgreSQL's message."""
    assert len(pgbench.latencies(database_url, "select 1;", 5)) == 5
    with pytest.raises(StackError, match="division by zero"):
        pgbench.latencies(database_url, "select 1 / 0;", 5)


def test_a_document_without_a_place_stays_as_it_is(tmp_path: Path) -> None:
    """A table that has no marks should be named, and nothing be written, also of the tables before it."""
    text = "before\n<!-- bench: one -->\nold\n<!-- end -->\nafter\n"
    file = tmp_path / "document.md"
    file.write_text(text)
    tables = [Table(key, key, ["what", "value"], [["x", 1.5]]) for key in ("one", "two")]
    with pytest.raises(MarkError, match="bench: two"):
        write(tables, "by hand", file)
    assert file.read_text() == text
    write(tables[:1], "by hand", file)
    assert "old" not in file.read_text()
    assert "| x | 1.5 |\n\nby hand\n<!-- end -->\nafter\n" in file.read_text()


def test_the_handwritten_peer_answers_wrong_requests(database_url: str) -> None:
    """The peer should be an endpoint that one could ship: 404 for no such session, 400 for what it cannot read."""
    with handwritten(database_url) as server:
        expected = {f"{UUID(int=0)}/events": 404, "nonsense/events": 400, f"{UUID(int=0)}/events?limit=x": 400}
        for target, status in expected.items():
            assert requests.get(f"{server.url}/api/v2/sessions/{target}", timeout=10).status_code == status
