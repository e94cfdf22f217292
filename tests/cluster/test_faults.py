"""What may happen to a cluster, with writers and followers at work; each test prints what clients saw of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import psycopg
import pytest
import requests

from cluster.background import parts_of
from cluster.whole import Cluster, Node
from tests.cluster.conftest import (
    PATIENCE,
    follows,
    is_whole,
    kill_for_long,
    kill_machine,
    kill_postgres,
    leader,
    looked_after,
    make_whole,
    resume,
    standbys,
    supervised_cluster,
)
from tests.cluster.traffic import Traffic, traffic
from tests.support.long import long
from tests.support.waiting import wait_until

pytestmark = long

BEFORE, AFTER = 20, 40  # commits before and after what happens
SECONDS = 10.0  # how long something that need not stop writers goes on


@contextmanager
def busy(running: Cluster, what: str) -> Iterator[Traffic]:
    """Traffic that has begun when the context does; after it everybody knows everything, and what they saw is told."""
    with traffic(running.proxy_url, running.writer_url) as at_work:
        commits(at_work, BEFORE)
        yield at_work
        over = time.monotonic()
        make_whole(running)
        healed = time.monotonic() - over
        commits(at_work, AFTER)
    print(f"{at_work.report(what)}; whole again after {healed:.1f} s")


def commits(at_work: Traffic, count: int) -> None:
    """Waits until so many more commits have been acknowledged."""
    before = len(at_work.acknowledged())
    wait_until(lambda: len(at_work.acknowledged()) >= before + count, f"{count} commits", seconds=90)


def goes_on(at_work: Traffic, seconds: float = SECONDS) -> None:
    """Waits until followers have polled for so long."""
    end = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() > end, "the time to pass")
    commits(at_work, 1)


def execute(node: Node, statement: str) -> Any:
    """The first value of what a node's own PostgreSQL answers."""
    with psycopg.connect(node.dsn(), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def restarted_at_most_once(at_work: Traffic) -> bool:
    """Whether no follower was told more than once that its cursor is lost."""
    return all(len(follower.lost) <= 1 for follower in at_work.followers)


@pytest.mark.parametrize("way", ["postgres", "machine"])
def test_the_leader_dies(whole: Cluster, way: str) -> None:
    """Another node should lead; nothing acknowledged is lost, and nobody starts again more than once."""
    old = leader(whole)
    with busy(whole, f"leader's {way} killed") as at_work:
        (kill_postgres if way == "postgres" else kill_machine)(old)
        wait_until(lambda: follows(whole, old.name), "another leader")
    assert restarted_at_most_once(at_work)


def test_a_switchover_on_purpose(whole: Cluster) -> None:
    """A leader that hands over should cost no cursor."""
    old, new = leader(whole), standbys(whole)[0]
    with busy(whole, "switchover") as at_work:
        wanted = {"leader": old.name, "candidate": new.name}
        answer = requests.post(whole.site.rest(old.name, "switchover"), json=wanted, timeout=60)
        assert answer.status_code == 200, answer.text
        wait_until(lambda: whole.leader() == new.name, "the candidate leads")
    assert not [follower.lost for follower in at_work.followers if follower.lost]


def test_a_replica_dies(whole: Cluster) -> None:
    """A standby that is killed should cost nobody anything but a moment."""
    with busy(whole, "replica killed") as at_work:
        kill_machine(standbys(whole)[1])
        goes_on(at_work)
    assert not [follower.lost for follower in at_work.followers if follower.lost]


def test_a_replica_stands_still(whole: Cluster) -> None:
    """A standby whose processes do not run for a while should be gone around."""
    node = standbys(whole)[1]
    with busy(whole, "replica frozen") as at_work:
        stopped = [node.proxy.pid, node.postgrest.pid, node.patroni.pid]
        for pid in stopped:
            psutil.Process(pid).suspend()
        goes_on(at_work)
        for pid in stopped:
            resume(pid)
    assert not [follower.lost for follower in at_work.followers if follower.lost]


def test_replay_is_paused(whole: Cluster) -> None:
    """A standby that replays nothing should never tell an older state."""
    node = standbys(whole)[1]
    with busy(whole, "replay paused") as at_work:
        execute(node, "select pg_wal_replay_pause()")
        goes_on(at_work)
        execute(node, "select pg_wal_replay_resume()")
    assert not [follower.lost for follower in at_work.followers if follower.lost]


def test_a_replica_lags(whole: Cluster) -> None:
    """A standby that is always a second late should never tell an older state."""
    node = standbys(whole)[1]
    with busy(whole, "replica late by a second") as at_work:
        execute(node, "alter system set recovery_min_apply_delay = '1s'")
        execute(node, "select pg_reload_conf()")
        goes_on(at_work)
        execute(node, "alter system reset recovery_min_apply_delay")
        execute(node, "select pg_reload_conf()")
    assert not [follower.lost for follower in at_work.followers if follower.lost]


def test_recovery_conflicts_stay_inside(whole: Cluster) -> None:
    """Vacuum, a lock and a rewrite of the table should reach nobody as an error."""
    with busy(whole, "recovery conflicts") as at_work, psycopg.connect(whole.writer_url, autocommit=True) as owner:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            owner.execute("vacuum public.events")
            with owner.transaction():
                owner.execute("lock table public.events in access exclusive mode")
            owner.execute("vacuum full public.sessions")
            commits(at_work, 1)
    assert not [follower.lost for follower in at_work.followers if follower.lost]


@pytest.mark.parametrize("part", ["proxy", "postgrest"])
def test_a_part_dies(whole: Cluster, part: str) -> None:
    """A proxy or PostgREST that is killed should cost no poll that another node can answer."""
    node = standbys(whole)[0]
    with busy(whole, f"{part} killed") as at_work:
        kill_for_long([node.proxy if part == "proxy" else node.postgrest])
        goes_on(at_work)
    assert not [follower.lost for follower in at_work.followers if follower.lost]


@pytest.mark.parametrize("members", [1, 3])
def test_etcd_is_lost(whole: Cluster, members: int) -> None:
    """Without one etcd, or without any, the leader should go on."""
    old = leader(whole)
    with busy(whole, f"{members} of 3 etcd killed") as at_work:
        kill_for_long(list(whole.etcd.values())[:members])
        goes_on(at_work, 30)
    assert leader(whole).name == old.name
    assert not [follower.lost for follower in at_work.followers if follower.lost]


def test_a_node_is_added() -> None:
    """A third node should be copied, polled, and cost nobody anything."""
    with (
        supervised_cluster(nodes=2) as running,
        busy(running, "node added") as at_work,
        running.node("node3") as added,
        looked_after(running, parts_of(added)),
    ):
        running.nodes["node3"] = added
        wait_until(lambda: is_whole(running), "the third node", seconds=PATIENCE)
        goes_on(at_work, 5)
        del running.nodes["node3"]  # it is ended before the traffic is
    assert not [follower.lost for follower in at_work.followers if follower.lost]
