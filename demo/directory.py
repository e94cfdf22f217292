"""The session whose events name the demo's other sessions: the first page reads it, since the API lists no sessions."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb

from demo.samples import id_of
from recorder import statements
from stack.binaries import REPOSITORY

# The page knows it, as `data-session` in proxy/static/page/index.html.
DIRECTORY_ID = id_of("demo")
_FORGET: LiteralString = "delete from public.sessions where id = %(id)s"


class Directory:
    """The list while the demo runs. Every method raises psycopg.Error where the database does not take a row."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def add(self, title: str, session_id: UUID) -> None:
        """Names a session."""
        self._connection.execute(
            statements.INSERT_EVENT,
            {
                "id": uuid4(),
                "session_id": DIRECTORY_ID,
                "step_id": None,
                "event_type": "session_created",
                "event_data": Jsonb({"session_id": str(session_id)}),
                "message": title,
                "timestamp": datetime.now(UTC),
            },
        )


@contextmanager
def directory(connection: psycopg.Connection[Any]) -> Iterator[Directory]:
    """An empty list in place of an earlier demo's, which is said to have ended on leaving."""
    now = datetime.now(UTC)
    with connection.transaction():
        connection.execute(_FORGET, {"id": DIRECTORY_ID})
        connection.execute(
            statements.INSERT_SESSION,
            {
                "id": DIRECTORY_ID,
                "session_type": "demo",
                "status": "in_progress",
                "mode": "autonomous",
                "project_path": str(REPOSITORY),
                "config": Jsonb({}),
                "result": None,
                "error_message": None,
                "created_at": now,
                "updated_at": now,
                "completed_at": None,
            },
        )
    try:
        yield Directory(connection)
    finally:
        ended = {"id": DIRECTORY_ID, "status": "completed", "result": None, "error_message": None}
        connection.execute(statements.END_SESSION, {**ended, "ended_at": datetime.now(UTC)})
