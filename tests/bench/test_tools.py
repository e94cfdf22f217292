"""What the benchmark measures with."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import requests

from bench import pgbench, pollers
from bench.chart import bars
from bench.contenders import Served, by_cursor, by_since, check_agreement
from bench.document import MarkError, write
from bench.load import Generator, by_own_client, by_wrk
from bench.peers.servers import Server, handwritten, lean
from bench.pollers import Plan
from bench.polls import Poll, path
from bench.result import Figure, Result
from bench.rounds import alternate, percentile, ratio, spread
from bench.tables import Table
from bench.targets import Target
from stack.errors import StackError
from stack.whole import Stack
from tests.support.rows import add_events, add_session
from tests.support.rows import spread as events

WRK = pytest.param(
    by_wrk, 1, marks=pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not on PATH: apt-get install wrk")
)
OWN = pytest.param(by_own_client, 0.1)
Start = Callable[[str], AbstractContextManager[Server]]


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
    """A load should ask for each target in turn, and count good answers apart from those of 400 or more."""
    good = load(running_stack.proxy_url, ["/health"], connections=2, seconds=seconds)
    assert good.requests > 0
    assert good.errors == 0
    assert 0 < good.p50 <= good.p95 <= good.p99
    assert good.per_second > 0
    mixed = load(running_stack.proxy_url, ["/health", "/nothing-here"], connections=2, seconds=seconds)
    assert 0 < mixed.errors < mixed.requests
    bad = load(running_stack.proxy_url, ["/nothing-here"], connections=2, seconds=seconds)
    assert 0 < bad.requests == bad.errors
    assert bad.per_second == 0


def test_servers_that_disagree_are_not_compared(running_stack: Stack, writer: psycopg.Connection[Any]) -> None:
    """Different events, or different totals, should stop the run and name both servers."""
    session_id = add_session(writer)
    add_events(writer, session_id, events(3))
    poll = Poll(session_id)
    server = Server(running_stack.proxy_url, {})

    def asking(query: dict[str, str]) -> Served:
        return Served(server, lambda asked: path(asked.session_id, query), by_own_client)

    check_agreement("same", poll, {"one": asking({}), "two": asking({})})
    with pytest.raises(StackError, match=r"two and one give different events for: fewer"):
        check_agreement("fewer", poll, {"one": asking({}), "two": asking({"limit": "1"})})
    with pytest.raises(StackError, match=r"two and one give different totals for: other"):
        check_agreement("other", poll, {"one": asking({"page": "2"}), "two": asking({"event_type": "nothing_such"})})


def test_pollers_come_at_fixed_times_and_follow(running_stack: Stack, writer: psycopg.Connection[Any]) -> None:
    """Each poller should poll once a period, tell what it finds, and go on from there, so that nothing comes twice."""
    session_id = add_session(writer)
    start = requests.get(f"{running_stack.proxy_url}{path(session_id, {})}", timeout=10).json()
    add_events(writer, session_id, events(3))
    polls = [Poll(session_id, cursor=start["cursor"])] * 5
    seen = pollers.run(Plan(running_stack.proxy_url, by_cursor, polls, period=0.2, periods=3))
    assert (len(seen.latencies), seen.errors) == (15, 0)
    # The first poll is not counted, and has brought the events.
    assert seen.with_events == 0
    # What the server took cannot be less than nothing, nor does the generator send before the time.
    assert min(seen.latencies) > 0
    assert min(seen.lateness) >= 0


def test_pollers_count_what_is_refused_and_wait_for_nobody(running_stack: Stack) -> None:
    """An answer of 400 or more should be an error at each poll."""
    polls = [Poll(UUID(int=0))] * 2
    seen = pollers.run(Plan(running_stack.proxy_url, by_cursor, polls, period=0.1, periods=2))
    assert seen.errors == len(seen.latencies) == 4


def test_a_slow_server_pays_for_all_polls_that_were_due(database_url: str, writer: psycopg.Connection[Any]) -> None:
    """Polls that fell due while the server was stuck should count from then, not from when they could be sent."""
    session_id = add_session(writer)
    with handwritten(database_url) as server, ThreadPoolExecutor() as pool, psycopg.connect(database_url) as other:
        other.execute("lock table public.sessions in access exclusive mode")
        plan = Plan(server.url, by_since, [Poll(session_id)], period=0.1, periods=5)
        seen = pool.submit(pollers.run, plan)
        while writer.execute("select from pg_locks where not granted").fetchone() is None:
            assert not seen.done()
        other.execute("select pg_sleep(0.6)")
        other.rollback()
        latencies = seen.result().latencies
    # Nothing was answered for 600 ms after the first poll was due, which is not counted.
    least = [500, 400, 300, 200, 100]
    assert len(latencies) == len(least)
    assert all(latency > bound for latency, bound in zip(latencies, least, strict=True)), latencies


@pytest.mark.parametrize(
    ("at_most", "value", "errors", "verdict"),
    [
        (False, 2.5, 0, "stretch"),
        (False, 1.6, 0, "yes"),
        (False, 1.4, 0, "no"),
        (False, 2.5, 1, "no"),
        (True, 0.9, 0, "stretch"),
        (True, 1.2, 0, "yes"),
        (True, 1.6, 0, "no"),
    ],
)
def test_a_target_says_whether_it_is_met(*, at_most: bool, value: float, errors: int, verdict: str) -> None:
    """A bound should hold from its own side, and never with errors."""
    target = Target("case", "figure", "", 1.5, 1 if at_most else 2, at_most=at_most)
    assert target.row(Figure(spread([value]), errors))[-1] == verdict


def test_a_target_without_a_bound_of_its_own_is_met_by_its_stretch_only() -> None:
    """Where only a stretch is given, nothing less should pass."""
    target = Target("case", "figure", "", None, 50, " ms", at_most=True)
    assert [target.row(Figure(spread([value])))[-1] for value in (40, 60)] == ["stretch", "no"]


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
    charts = {"one": bars("one", {"x": {"ours": spread([1, 2, 3])}})}
    with pytest.raises(MarkError, match="bench: two"):
        write([Result(tables, charts=charts)], "by hand", file)
    assert file.read_text() == text
    assert list(tmp_path.iterdir()) == [file]
    write([Result(tables[:1], charts=charts)], "by hand", file)
    assert (tmp_path / "images" / "one.svg").read_text() == charts["one"]
    assert "old" not in file.read_text()
    assert "| x | 1.5 |\n\nby hand\n<!-- end -->\nafter\n" in file.read_text()


@pytest.mark.parametrize(("start", "unreadable"), [(handwritten, 400), (lean, 422)])
def test_the_peers_answer_wrong_requests(database_url: str, start: Start, unreadable: int) -> None:
    """A peer should be an endpoint that one could ship: 404 for no such session, 4xx for what it cannot read."""
    expected = {
        f"{UUID(int=0)}/events": 404,
        "nonsense/events": unreadable,
        f"{UUID(int=0)}/events?limit=x": unreadable,
    }
    with start(database_url) as server:
        for target, status in expected.items():
            assert requests.get(f"{server.url}/api/v2/sessions/{target}", timeout=10).status_code == status


@pytest.mark.parametrize("start", [handwritten, lean])
def test_the_peers_give_the_events_of_the_product(
    running_stack: Stack, writer: psycopg.Connection[Any], start: Start
) -> None:
    """A peer should give the same events and totals as the product, also where there are none, and filtered."""
    session_id = add_session(writer)
    add_events(writer, session_id, [*events(3), *events(2, event_type="error")])
    queries = [{}, {"event_type": "error"}, {"limit": "2", "page": "2"}, {"page": "9"}, {"event_type": "nothing_such"}]
    queries.append({"since": "2026-01-13T14:30:01Z"})
    product = Served(Server(running_stack.proxy_url, {}), by_cursor, by_own_client)
    with start(running_stack.database_url) as server:
        peer = Served(server, by_cursor, by_own_client)
        for query in queries:
            poll = Poll(session_id, parameters=query)
            check_agreement(str(query), poll, {"product": product, "peer": peer})
