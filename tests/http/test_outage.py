"""Parts that are away, and that come back."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psutil
import psycopg
import pytest

from stack.postgres import Cluster
from stack.postgrest import authenticator_uri, postgrest
from stack.rundir import run_directory
from tests.support.client import Client, assert_problem
from tests.support.rows import add_events, add_session, spread
from tests.support.waiting import wait_until

from .leaks import assert_nothing_leaks
from .parts import OwnStack, own_proxy


@pytest.fixture
def socket_path(tmp_path: Path) -> Iterator[Path]:
    """Where a PostgREST of the test's own may listen."""
    with run_directory(tmp_path / "run") as directory:
        yield directory / "postgrest"


def _cluster(own_stack: OwnStack) -> Cluster:
    assert own_stack.parts.cluster is not None
    return own_stack.parts.cluster


def _session(own_stack: OwnStack) -> UUID:
    """A session with three events."""
    with psycopg.connect(own_stack.parts.database_url) as connection:
        session_id = add_session(connection)
        add_events(connection, session_id, spread(3))
        return session_id


def assert_unavailable(client: Client, session_id: UUID) -> None:
    """Polls and /health answer 503 and when to come again, and tell nothing else."""
    polled = client.get(session_id)
    # /health may keep what it found a moment ago.
    wait_until(lambda: client.session.get(f"{client.url}/health", timeout=60).status_code == 503, "/health says 503")
    for response in (polled, client.session.get(f"{client.url}/health", timeout=60)):
        assert assert_problem(response, 503)["type"] == "/docs#problem-unavailable"
        assert int(response.headers["Retry-After"]) > 0
        assert_nothing_leaks(response)


@pytest.mark.parametrize("how", ["stop", "crash"])
def test_database_away(own_stack: OwnStack, how: str) -> None:
    """Without the database it should be a 503 with Retry-After; after its return the old cursor still holds."""
    cluster, session_id, client = _cluster(own_stack), _session(own_stack), Client(own_stack.parts.proxy_url)
    with client.session:
        before = client.page(session_id)
        if how == "stop":
            cluster.stop()
        else:
            cluster.kill()
        try:
            assert_unavailable(client, session_id)
        finally:
            cluster.start()
        wait_until(lambda: client.get(session_id).status_code == 200, "a poll is answered")
        assert client.page(session_id)["items"] == before["items"]
        events = spread(2)
        with psycopg.connect(own_stack.parts.database_url) as connection:
            add_events(connection, session_id, events)
        found = client.page(session_id, cursor=before["cursor"])
        assert {str(event.id) for event in events} <= {item["id"] for item in found["items"]}
        assert client.ids(session_id, cursor=found["cursor"]) == []


def test_postgrest_away(own_stack: OwnStack, socket_path: Path) -> None:
    """Without PostgREST it should be a 503; polls succeed as soon as it is there, and again when it is back."""
    session_id = _session(own_stack)
    with own_proxy(f"unix://{socket_path}") as proxy:
        for _ in range(2):
            assert_unavailable(proxy.client, session_id)
            with postgrest(authenticator_uri(own_stack.parts.database_url), socket_path):
                assert proxy.client.page(session_id)["pagination"]["total"] == 3
        assert_unavailable(proxy.client, session_id)


def test_postgrest_hangs(own_stack: OwnStack, socket_path: Path) -> None:
    """A PostgREST that accepts and never answers should be a 504, and polls go on once it does."""
    session_id = _session(own_stack)
    with (
        postgrest(authenticator_uri(own_stack.parts.database_url), socket_path) as rest,
        own_proxy(rest.url, {"REQUEST_TIMEOUT": "0.5"}) as proxy,
    ):
        process = psutil.Process(rest.pid)
        process.suspend()
        try:
            response = proxy.client.get(session_id)
        finally:
            process.resume()
        assert assert_problem(response, 504)["type"] == "/docs#problem-timeout"
        assert_nothing_leaks(response)
        assert proxy.client.page(session_id)["pagination"]["total"] == 3


BROKEN_DEPLOYS = {
    "function dropped": (
        "alter function api.answer_polls rename to gone",
        "alter function api.gone rename to answer_polls",
    ),
    "function forbidden": (
        "revoke execute on function api.answer_polls from session_events_reader",
        "grant execute on function api.answer_polls to session_events_reader",
    ),
    "schema forbidden": (
        "revoke usage on schema api from session_events_reader",
        "grant usage on schema api to session_events_reader",
    ),
    "part dropped": (
        "alter function events_internal.writer_horizon rename to gone",
        "alter function events_internal.gone rename to writer_horizon",
    ),
    "table dropped": ("alter table public.events rename to gone", "alter table public.gone rename to events"),
    "sessions dropped": ("alter table public.sessions rename to gone", "alter table public.gone rename to sessions"),
    "table forbidden": (
        "revoke select on public.events from session_events_definer",
        "grant select on public.events to session_events_definer",
    ),
    "column dropped": (
        "alter table public.events rename insert_xid to gone",
        "alter table public.events rename gone to insert_xid",
    ),
}


@pytest.mark.parametrize("name", BROKEN_DEPLOYS)
def test_broken_deploy(own_stack: OwnStack, name: str) -> None:
    """A broken deploy should be a 503: neither a missing session, nor the client's fault, nor a 500."""
    break_, mend = BROKEN_DEPLOYS[name]
    session_id, client = _session(own_stack), Client(own_stack.parts.proxy_url)
    with client.session, psycopg.connect(own_stack.parts.database_url, autocommit=True) as connection:
        cursor = client.page(session_id)["cursor"]
        connection.execute(break_)
        try:
            # Only the cursor needs that column, and without the table no cursor can be of its history.
            response = client.get(session_id, **({"cursor": cursor} if name == "column dropped" else {}))
        finally:
            connection.execute(mend)
        assert assert_problem(response, 503)["type"] == "/docs#problem-unavailable"
        assert_nothing_leaks(response)
        assert client.page(session_id)["pagination"]["total"] == 3


def test_function_never_deployed(own_stack: OwnStack, socket_path: Path) -> None:
    """A PostgREST that has never seen the function should be a 503 too, not a missing session."""
    session_id = _session(own_stack)
    break_, mend = BROKEN_DEPLOYS["function dropped"]
    with psycopg.connect(own_stack.parts.database_url, autocommit=True) as connection:
        connection.execute(break_)
        try:
            with (
                postgrest(authenticator_uri(own_stack.parts.database_url), socket_path) as rest,
                own_proxy(rest.url) as proxy,
            ):
                assert_unavailable(proxy.client, session_id)
        finally:
            connection.execute(mend)
