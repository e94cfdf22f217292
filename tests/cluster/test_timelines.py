"""One failover after the other: no timeline's number is taken twice, and who asks every node in turn loses nothing."""

import re
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import psycopg
import pytest

from cluster.whole import Cluster, Node
from tests.cluster.conftest import (
    DEAD,
    PATIENCE,
    follows,
    has_synchronous_standby,
    kill_machine,
    leader,
    machine,
    make_whole,
    resume,
    server,
    standbys,
)
from tests.cluster.test_faults import AFTER, BEFORE, commits, execute, goes_on
from tests.cluster.traffic import Traffic, traffic
from tests.support.long import long
from tests.support.waiting import wait_until

pytestmark = long

LEADERLESS = 25.0  # seconds; longer than the ttl of Patroni's leader key and an election
UNSEEN = 20  # events that only a leader has


@contextmanager
def failovers(running: Cluster, what: str, *, woken: int = 0) -> Iterator[Traffic]:
    """Traffic that has begun when the context does, some of it asking the nodes in turn, and what must hold after.

    A promotion may cost a follower its cursor once, and so may each leader that has `woken` up and still means to lead.
    """
    before = newest(running)
    urls = [node.proxy_url for node in running.nodes.values()]
    with traffic(running.proxy_url, running.writer_url, followers=2, nodes=urls) as at_work:
        commits(at_work, BEFORE)
        yield at_work
        make_whole(running)
        commits(at_work, AFTER)
    print(f"{at_work.report(what)}; timelines {before} to {newest(running)}")
    promotions = newest(running) - before
    assert promotions > 0
    assert max(len(follower.lost) for follower in at_work.followers) <= promotions + woken
    assert_taken_once(running)


def assert_taken_once(running: Cluster) -> None:
    """No number was taken by two nodes, and all nodes agree on where every timeline begins and on which they are."""
    takers = defaultdict(set)
    begins = defaultdict(set)
    for name in running.nodes:
        log = (running.site.directory / f"{name}-patroni.log").read_text()
        for number in re.findall(r"selected new timeline ID: (\d+)", log):
            takers[int(number)].add(name)
        for history in running.site.data_of(name).glob("pg_wal/*.history"):
            points = (line.split()[1] for line in history.read_text().splitlines() if line)
            begins[int(history.stem, 16)].add(tuple(points))
    assert takers
    assert not {number: names for number, names in takers.items() if len(names) > 1}
    assert not {number: points for number, points in begins.items() if len(points) > 1}
    assert len({execute(node, "select events_internal.timeline()") for node in running.nodes.values()}) == 1


def newest(running: Cluster) -> int:
    """The leader's timeline."""
    return int(execute(leader(running), "select events_internal.timeline()"))


def freeze(processes: list[psutil.Process]) -> None:
    """Lets processes stand still."""
    for process in processes:
        process.suspend()


def titled(node: Node, title: str) -> list[psutil.Process]:
    """The processes of a node's PostgreSQL that call themselves so."""
    return [process for process in server(node) if title in " ".join(process.cmdline())]


def write_unseen(node: Node, at_work: Traffic) -> None:
    """Commits on a leader what no standby can get, and waits for none."""
    with psycopg.connect(node.dsn()) as connection:
        connection.execute("set local synchronous_commit to local")
        connection.execute(
            "insert into public.events (id, session_id, event_type, event_data, message, timestamp)"
            """ select gen_random_uuid(), %s, 'info', '{"version": 1}', 'lost', now() from generate_series(1, %s)""",
            [at_work.session_id, UNSEEN],
        )


def somebody_is_told(at_work: Traffic) -> None:
    """Waits until as many events have been told as only a leader has."""
    told = at_work.told()
    wait_until(lambda: at_work.told() >= told + UNSEEN, "somebody is told of it")


def another_leads(running: Cluster, old: Node) -> None:
    """Waits until the leader is another node."""
    wait_until(lambda: follows(running, old.name), "another leader")


def test_an_old_leader_comes_back_with_what_nobody_else_has(whole: Cluster) -> None:
    """What only the dead leader had should be told by nobody in the end, however often that goes on."""
    with failovers(whole, "unreplicated WAL, three times") as at_work:
        for _ in range(3):
            make_whole(whole)
            old = leader(whole)
            freeze(titled(old, "walsender"))
            write_unseen(old, at_work)
            somebody_is_told(at_work)
            kill_machine(old)
            another_leads(whole, old)
            DEAD.clear()


def test_a_leader_dies_before_anybody_knows_its_timeline(whole: Cluster) -> None:
    """A timeline that only its dead leader knows should be taken by nobody else: the others wait."""
    with failovers(whole, "killed right after promotion"):
        old, (new, other) = leader(whole), standbys(whole)
        histories = set(whole.site.data_of(new.name).glob("pg_wal/*.history"))
        freeze([psutil.Process(other.patroni.pid)])
        kill_machine(old)
        wait_until(lambda: set(whole.site.data_of(new.name).glob("pg_wal/*.history")) - histories, "a new timeline")
        kill_machine(new)
        resume(other.patroni.pid)
        DEAD.difference_update(program.log_path.stem for program in old.programs())
        end = time.monotonic() + LEADERLESS
        wait_until(lambda: time.monotonic() > end or whole.leader() is not None, "the time to pass")
        assert whole.leader() is None
        DEAD.clear()
        wait_until(lambda: whole.leader() == new.name, "its leader is back")


def test_a_standby_lets_two_failovers_go_by(whole: Cluster) -> None:
    """A standby that replays nothing, and whose Patroni stands still, should tell nothing older, and catch up."""
    with failovers(whole, "two failovers past a standby"):
        late = standbys(whole)[1]
        execute(late, "select pg_wal_replay_pause()")
        freeze([psutil.Process(late.patroni.pid)])
        for _ in range(2):
            wait_until(lambda: has_synchronous_standby(whole), "a synchronous standby", seconds=PATIENCE)
            old = leader(whole)
            kill_machine(old)
            another_leads(whole, old)
            DEAD.clear()
        resume(late.patroni.pid)
        execute(late, "select pg_wal_replay_resume()")


@pytest.mark.parametrize("part", ["postgres", "machine"])
def test_an_old_leader_wakes_up(whole: Cluster, part: str) -> None:
    """A leader that was frozen until another one leads should not lead again, nor tell what does not hold.

    Where PostgreSQL is frozen, Patroni waits for it while the leader's key runs out, and goes on from there.
    """
    with failovers(whole, f"old leader's {part} frozen, twice", woken=2) as at_work:
        for _ in range(2):
            make_whole(whole)
            old = leader(whole)
            frozen = server(old) if part == "postgres" else machine(old)
            freeze(frozen)
            another_leads(whole, old)
            commits(at_work, AFTER)
            for process in frozen:
                resume(process.pid)
            goes_on(at_work, 2)
            assert whole.leader() != old.name
