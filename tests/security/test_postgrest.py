"""PostgREST itself, for whoever got as far as its socket: two functions that read, and nothing else."""

import http.client
import json
import socket
from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest

from stack.whole import Stack
from tests.support.rows import Event, add_events, add_session

SECRET = "content-of-an-event-1a7c"
Ask = Callable[..., tuple[int, str]]


@pytest.fixture
def ask(running_stack: Stack) -> Ask:
    """Asks it over its socket; status and body."""

    def _ask(method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("localhost", timeout=30)
        with socket.socket(socket.AF_UNIX) as way:
            way.connect(running_stack.postgrest_url.removeprefix("unix://"))
            connection.sock = way
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body or None, names)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    return _ask


@pytest.fixture
def session_id(writer: psycopg.Connection[tuple[object, ...]]) -> UUID:
    """A session with one event."""
    session_id = add_session(writer)
    add_events(writer, session_id, [Event(message=SECRET)])
    return session_id


def test_function(ask: Ask, session_id: UUID) -> None:
    """The function should answer, so that what follows is refused and not merely broken."""
    status, body = ask("GET", f"/rpc/session_events?p_session_id={session_id}")
    assert (status, SECRET in body) == (200, True)


@pytest.mark.parametrize(
    "path",
    [
        "/events",
        "/sessions",
        "/steps",
        "/epoch",
        "/session_event",
        "/pg_stat_activity",
        "/rpc/history",
        "/rpc/make_token",
        "/rpc/writer_horizon",
        "/rpc/begin_new_history",
        "/rpc/pg_read_file?filename=PG_VERSION",
        "/rpc/set_config?setting_name=role&new_value=session_events_definer&is_local=true",
    ],
)
@pytest.mark.parametrize("schema", ["", "public", "events_internal", "pg_catalog"])
@pytest.mark.usefixtures("session_id")
def test_nothing_else(ask: Ask, path: str, schema: str) -> None:
    """No table, no view and no other function should be reachable, whatever schema is asked for."""
    status, body = ask("GET", path, **({"Accept_Profile": schema} if schema else {}))
    assert status in {400, 401, 404, 406}
    assert SECRET not in body


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_no_writing(ask: Ask, session_id: UUID, method: str) -> None:
    """Nothing should be written, with any method."""
    body = json.dumps({"id": str(session_id), "message": "changed"})
    for schema in ("api", "public"):
        status, _ = ask(
            method, f"/events?session_id=eq.{session_id}", body, Content_Profile=schema, Content_Type="application/json"
        )
        assert status in {401, 404, 405, 406}
    _, text = ask("GET", f"/rpc/session_events?p_session_id={session_id}")
    assert [event["message"] for event in json.loads(text)] == [SECRET]


def test_no_other_role(ask: Ask, session_id: UUID) -> None:
    """A token that claims a role should not be believed: no secret is configured to sign one."""
    # {"alg":"none"} and {"role":"session_events_definer"}; the second signed with an empty key.
    for token in (
        "eyJhbGciOiJub25lIn0.eyJyb2xlIjoic2Vzc2lvbl9ldmVudHNfZGVmaW5lciJ9.",
        "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2Vzc2lvbl9ldmVudHNfZGVmaW5lciJ9.AAAA",
    ):
        status, body = ask("GET", f"/rpc/session_events?p_session_id={session_id}", Authorization=f"Bearer {token}")
        assert status >= 400
        assert SECRET not in body


def test_no_plans(ask: Ask, session_id: UUID) -> None:
    """Nor should it tell plans, which say how the tables are made."""
    status, body = ask(
        "GET", f"/rpc/session_events?p_session_id={session_id}", Accept="application/vnd.pgrst.plan+json"
    )
    assert status == 415
    assert "Scan" not in body


def test_no_description(ask: Ask) -> None:
    """Nor what there is."""
    status, body = ask("GET", "/")
    assert status == 404
    assert "session_events" not in body
