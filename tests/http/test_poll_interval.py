"""X-Poll-Interval: how long a client should wait before it polls again."""

import uuid
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.support.client import Client
from tests.support.rows import add_session

Writer = psycopg.Connection[Any]


@pytest.mark.parametrize(
    ("status", "seconds"),
    [("pending", 2), ("in_progress", 2), ("paused", 2), ("completed", 30), ("failed", 30), ("cancelled", 30)],
)
def test_by_status(client: Client, writer: Writer, status: str, seconds: int) -> None:
    """US2: it should be 2 seconds while the session may go on, and 30 once it has ended."""
    assert client.get(add_session(writer, status=status)).headers["X-Poll-Interval"] == str(seconds)


def test_follows_the_session(client: Client, writer: Writer, session_id: UUID) -> None:
    """US2: it should change with the poll after the session's end."""
    assert client.get(session_id).headers["X-Poll-Interval"] == "2"
    writer.execute("update public.sessions set status = 'completed' where id = %s", [session_id])
    assert client.get(session_id).headers["X-Poll-Interval"] == "30"


def test_not_on_errors(client: Client) -> None:
    """Where there is no session there should be none."""
    assert "X-Poll-Interval" not in client.get(uuid.uuid4()).headers
