"""`python -m bench.cluster`: what a poll costs each part of a cluster of one, two and three nodes."""

import sys
import tempfile
import time
import uuid
from pathlib import Path

import psycopg
import requests

from bench.load import Load, generator
from bench.processor import processor_seconds
from cluster.whole import Cluster, cluster
from stack import postmaster
from stack.errors import StackError

_SESSIONS = 100
_EVENTS = 100
_CONNECTIONS = 100
_SECONDS = 15.0
_IDLE_SECONDS = 10.0
_PARTS = ("HAProxy", "proxies", "PostgREST", "PostgreSQL, leader", "PostgreSQL, standbys", "Patroni and etcd")
_FILL = """
    with session as (
        insert into public.sessions (id, session_type, status, mode, project_path, config, created_at, updated_at)
        values (%s, 'unit_tests', 'in_progress', 'autonomous', '/srv/shop', '{}', now(), now())
        returning id
    )
    insert into public.events (id, session_id, event_type, event_data, message, timestamp)
    select gen_random_uuid(), session.id, 'info', '{}', 'something happened', now()
    from session cross join generate_series(1, %s)
"""


def main() -> int:
    """Prints a line of Markdown for each number of nodes; 1 and a message where one cannot be measured."""
    name, load = generator(wrk=True)
    print(f"| nodes | polls/s | p50, ms | p99 | errors | {' | '.join(_PARTS)} | together |")
    print(f"| {' | '.join(['---:'] * (len(_PARTS) + 6))} |")
    try:
        for nodes in (1, 2, 3):
            with tempfile.TemporaryDirectory() as directory, cluster(Path(directory), nodes=nodes) as running:
                targets = _targets(running)
                load(running.proxy_url, targets, connections=_CONNECTIONS, seconds=2)
                before = _spent(running)
                met = load(running.proxy_url, targets, connections=_CONNECTIONS, seconds=_SECONDS)
                print(_line(nodes, met, before, _spent(running)), flush=True)
                _print_idle(running)
    except StackError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(f"\nProcessor time in ms a poll; idle polls on {_SESSIONS} sessions, {_CONNECTIONS} connections, by {name}.")
    return 0


def _print_idle(running: Cluster) -> None:
    """What the cluster takes while nobody asks anything, as a share of one core."""
    before = _spent(running)
    time.sleep(_IDLE_SECONDS)
    after = _spent(running)
    shares = (f"{name} {(after[name] - before[name]) / _IDLE_SECONDS:.3f}" for name in _PARTS)
    print(f"<!-- idle, in cores: {', '.join(shares)} -->", file=sys.stderr)


def _targets(running: Cluster) -> list[str]:
    """A poll that finds nothing new, for each session."""
    paths = []
    with psycopg.connect(running.writer_url, autocommit=True) as connection, requests.Session() as http:
        for _ in range(_SESSIONS):
            session_id = uuid.uuid4()
            connection.execute(_FILL, [session_id, _EVENTS])
            path = f"/api/v2/sessions/{session_id}/events"
            answer = http.get(f"{running.proxy_url}{path}", timeout=30)
            while answer.status_code != 200:  # a standby may not have the session yet
                answer = http.get(f"{running.proxy_url}{path}", timeout=30)
            paths.append(f"{path}?cursor={answer.json()['cursor']}")
    return paths


def _spent(running: Cluster) -> dict[str, float]:
    """The processor time of each part so far, in seconds."""
    taken = dict.fromkeys(_PARTS, 0.0)
    taken["HAProxy"] = processor_seconds(running.haproxy.pid)
    leader = running.leader()
    for name, node in running.nodes.items():
        taken["proxies"] += processor_seconds(node.proxy.pid)
        taken["PostgREST"] += processor_seconds(node.postgrest.pid)
        server = postmaster.running(running.site.data_of(name))
        if server is None:
            raise StackError(f"{name} has lost its PostgreSQL")
        spent = processor_seconds(server.pid)
        taken["PostgreSQL, leader" if name == leader else "PostgreSQL, standbys"] += spent
        taken["Patroni and etcd"] += processor_seconds(node.patroni.pid) - spent
    for etcd in running.etcd.values():
        taken["Patroni and etcd"] += processor_seconds(etcd.pid)
    return taken


def _line(nodes: int, met: Load, before: dict[str, float], after: dict[str, float]) -> str:
    each = [(after[name] - before[name]) * 1000 / met.requests for name in _PARTS]
    figures = " | ".join(f"{value:.3f}" for value in (*each, sum(each)))
    return f"| {nodes} | {met.per_second:,.0f} | {met.p50:.1f} | {met.p99:.1f} | {met.errors} | {figures} |"


if __name__ == "__main__":
    sys.exit(main())
