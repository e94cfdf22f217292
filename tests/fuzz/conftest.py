"""A session whose tokens are bent, and the logs, which nothing that is sent may fill."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from hypothesis import settings

from stack.postgres import Cluster
from stack.postgrest import AUTHENTICATOR
from stack.whole import Stack
from tests.http.parts import own_proxy
from tests.support.client import Client
from tests.support.long import LONG
from tests.support.metrics import told
from tests.support.rows import add_events, add_session, spread

# LONG=1 sends 20,000 requests of Hypothesis's making. A database of examples would make a run depend on earlier ones.
EXAMPLES = 4000 if LONG else 200
FUZZ = settings(max_examples=EXAMPLES, deadline=None, database=None, print_blob=True)


@dataclass(frozen=True)
class Target:
    """A proxy of these tests' own, a session, and tokens of it that work."""

    client: Client
    session_id: UUID
    cursor: str
    next: str
    log: Path


@pytest.fixture(scope="package")
def target(running_stack: Stack) -> Iterator[Target]:
    """A session of three pages."""
    with psycopg.connect(running_stack.database_url, autocommit=True) as connection:
        session_id = add_session(connection)
        add_events(connection, session_id, [*spread(150), *spread(100, event_type="error")])
    with own_proxy(running_stack.postgrest_url) as proxy:
        page = proxy.client.page(session_id)
        made = Target(proxy.client, session_id, page["cursor"], page["pagination"]["next"], proxy.process.log_path)
        yield made
        now = told(proxy.client)
        sent = sum(now.value("requests_total", **each) for each in now.labels("requests_total"))
        print(f"\n{sent:.0f} requests")


@pytest.fixture(autouse=True)
def _logs_stay_as_they_are(target: Target, cluster: Cluster) -> Iterator[None]:
    """Fails a test that has made PostgreSQL log something about a client, or the proxy an error."""
    sizes = {log: log.stat().st_size for log in (cluster.log_path, target.log)}
    yield
    # What the server says of itself, of a checkpoint for one, names no user.
    assert [line for line in _since(cluster.log_path, sizes) if f" {AUTHENTICATOR}@" in line] == []
    assert [line for line in _since(target.log, sizes) if '"level": "info"' not in line] == []


def _since(log: Path, sizes: dict[Path, int]) -> list[str]:
    with log.open(errors="replace") as lines:
        lines.seek(sizes[log])
        return lines.readlines()
