"""PostgREST itself: not on the network, and good for the one function only."""

import http.client
import socket
from typing import Any, LiteralString

import psutil
import psycopg
import pytest
from psycopg import sql

from stack.whole import Stack

from .parts import OwnStack

READER = "session_events_reader"


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over PostgREST's socket, as whoever may open it would speak."""

    def __init__(self, url: str) -> None:
        super().__init__("localhost", timeout=60)
        self._path = url.removeprefix("unix://")

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


def _status(stack: Stack, method: str, path: str, headers: dict[str, str] | None = None) -> int:
    connection = _UnixConnection(stack.postgrest_url)
    try:
        connection.request(method, path, body=b"{}" if method != "GET" else None, headers=headers or {})
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("table", ["events", "sessions", "steps"])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_no_table(running_stack: Stack, method: str, table: str) -> None:
    """No table should be readable or writable through it."""
    assert _status(running_stack, method, f"/{table}", {"Content-Type": "application/json"}) in {401, 404, 405}


@pytest.mark.parametrize("schema", ["public", "events_internal", "pg_catalog", "information_schema", "sqitch"])
def test_no_other_schema(running_stack: Stack, schema: str) -> None:
    """Nor by asking for another schema."""
    assert _status(running_stack, "GET", "/events", {"Accept-Profile": schema}) == 406


@pytest.mark.parametrize(
    "function",
    ["session_not_found", "history", "encode_cursor", "execute_patiently", "pg_sleep", "version", "anything"],
)
def test_no_other_function(running_stack: Stack, function: str) -> None:
    """No other function should be callable."""
    assert _status(running_stack, "GET", f"/rpc/{function}") in {401, 404}


def test_no_description(running_stack: Stack) -> None:
    """It should publish nothing about the schema."""
    assert _status(running_stack, "GET", "/") == 404


def test_not_on_the_network(own_stack: OwnStack) -> None:
    """It should listen on its unix socket and on no TCP port."""
    connections = own_stack.postgrest.net_connections(kind="all")
    assert not [each for each in connections if each.status == psutil.CONN_LISTEN]
    listening = {str(each.laddr) for each in connections if each.family == socket.AF_UNIX}
    assert own_stack.parts.postgrest_url.removeprefix("unix://") in listening


def test_proxy_on_loopback_only(running_stack: Stack) -> None:
    """Without API keys the proxy should be reachable on loopback only."""
    assert running_stack.proxy_url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("table", ["events", "sessions", "steps"])
@pytest.mark.parametrize("statement", ["select from {}", "delete from {}", "update {} set id = id", "truncate {}"])
def test_role(database_url: str, table: str, statement: LiteralString) -> None:
    """The role that PostgREST acts as should be refused by the database itself."""
    with psycopg.connect(database_url) as connection:
        connection.execute(sql.SQL("set role {}").format(sql.Identifier(READER)))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            _execute(connection, statement, table)


def _execute(connection: psycopg.Connection[Any], statement: LiteralString, table: str) -> None:
    connection.execute(sql.SQL(statement).format(sql.Identifier("public", table)))
